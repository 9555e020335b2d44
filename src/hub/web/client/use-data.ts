import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type Get, HubFailure, request } from './http.ts';

export interface Loaded<T> {
  /** Absent until it is there; while another page of the same list comes, the last one. */
  readonly data: T | undefined;
  readonly failure: HubFailure | undefined;
  readonly isLoading: boolean;
  /** Asks again, keeping what is shown. */
  readonly reload: () => void;
}

/** Answers of late, so that going back shows at once what was there; every showing asks anew. */
const kept = new Map<string, unknown>();
const mostKept = 60;

/** After a change, or as somebody else, nothing that was seen counts. */
export function forget(): void {
  kept.clear();
}

function keep(path: string, data: unknown): void {
  kept.delete(path);
  kept.set(path, data);
  if (kept.size > mostKept) kept.delete(kept.keys().next().value!);
}

interface State {
  readonly path: string | undefined;
  readonly data: unknown;
  readonly failure: HubFailure | undefined;
  readonly isLoading: boolean;
}

const before = (path: string | undefined, data: unknown): State => ({
  path,
  data,
  failure: undefined,
  isLoading: path !== undefined,
});

/**
 * What a path of the API answers.
 *
 * @param path undefined: nothing is asked
 * @param options.keep another path is another page of the same: the last is shown until it is there
 */
export function useData<T>(path: Get<T> | undefined, options: { readonly keep?: boolean } = {}): Loaded<T> {
  const [state, setState] = useState<State>(() =>
    before(path, path === undefined ? undefined : kept.get(path)),
  );
  const [turn, setTurn] = useState(0);
  const shown = useRef(path);
  useEffect(() => {
    if (path === undefined) {
      setState(before(undefined, undefined));
      return;
    }
    const isSame = shown.current === path || options.keep === true;
    shown.current = path;
    setState((last) => before(path, kept.get(path) ?? (isSame ? last.data : undefined)));
    return load(path, setState);
  }, [path, turn]);
  const reload = useCallback(() => setTurn((last) => last + 1), []);
  // a path that has just changed shows nothing of the one before it
  const isStale = state.path !== path && options.keep !== true;
  const now = isStale ? before(path, path === undefined ? undefined : kept.get(path)) : state;
  return { data: now.data as T | undefined, failure: now.failure, isLoading: now.isLoading, reload };
}

function load(path: string, setState: (change: (last: State) => State) => void): () => void {
  const controller = new AbortController();
  request('GET', path, { signal: controller.signal }).then(
    (data) => {
      if (controller.signal.aborted) return;
      keep(path, data);
      setState(() => ({ path, data, failure: undefined, isLoading: false }));
    },
    (error: unknown) => {
      if (controller.signal.aborted) return;
      kept.delete(path);
      setState(() => ({ path, data: undefined, failure: failureOf(error), isLoading: false }));
    },
  );
  return () => controller.abort();
}

const failureOf = (error: unknown): HubFailure =>
  error instanceof HubFailure ? error : new HubFailure(0, { message: 'Something went wrong in this page.' });

export interface Action<A extends readonly unknown[]> {
  /** Resolves to whether it was done. */
  readonly run: (...args: A) => Promise<boolean>;
  readonly isBusy: boolean;
  readonly failure: HubFailure | undefined;
  readonly clear: () => void;
}

/** Something that a person does: one at a time, its failure kept to be shown. */
export function useAction<A extends readonly unknown[]>(act: (...args: A) => Promise<unknown>): Action<A> {
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<HubFailure>();
  const busy = useRef(false);
  const run = async (...args: A): Promise<boolean> => {
    if (busy.current) return false;
    busy.current = true;
    setBusy(true);
    setFailure(undefined);
    try {
      await act(...args);
      return true;
    } catch (error) {
      setFailure(failureOf(error));
      return false;
    } finally {
      busy.current = false;
      setBusy(false);
    }
  };
  return { run, isBusy, failure, clear: () => setFailure(undefined) };
}
