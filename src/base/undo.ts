/**
 * Something to undo, as a disposable. Disposing twice runs `undo` once.
 *
 *     await using held = new AsyncDisposableStack();
 *     held.use(undone(() => removeCgroup(path)));
 */
export function undone(undo: () => void | Promise<void>): AsyncDisposable {
  let running: Promise<void> | undefined;
  return {
    [Symbol.asyncDispose]: () => {
      running ??= Promise.resolve().then(undo);
      return running;
    },
  };
}
