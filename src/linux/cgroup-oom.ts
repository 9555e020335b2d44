import { type FSWatcher, watch } from 'node:fs';

const pollInterval = 1000;
const polled = new Set<() => void>();
let timer: NodeJS.Timeout | undefined;

/** Calls back when a control file's kernel says that it changed. Keeps no program alive; a file that is not there is not watched. */
export function watchControl(path: string, changed: () => void): Disposable {
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(path, { persistent: false }, changed);
    watcher.on('error', () => watcher?.close());
  } catch {
    // no such controller here, or no inotify left: what is watched for is then told at the end
  }
  return { [Symbol.dispose]: () => watcher?.close() };
}

/**
 * The same for files whose kernel speaks through an eventfd only, which Node cannot wait for: looked at each second, by
 * one timer for all.
 */
export function pollControl(look: () => void): Disposable {
  polled.add(look);
  timer ??= setInterval(() => {
    for (const each of polled) each();
  }, pollInterval).unref();
  return {
    [Symbol.dispose]: () => {
      polled.delete(look);
      if (polled.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    },
  };
}
