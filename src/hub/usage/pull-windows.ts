/** How many pulls of an hour are left. */
export interface PullAllowance {
  /** There is none left: the pull is not to be served. */
  readonly isRefused: boolean;
  readonly limit: number;
  /** After this pull. */
  readonly remaining: number;
  readonly windowSeconds: number;
  /** Until the next window begins. */
  readonly retryAfterSeconds: number;
}

interface Window {
  readonly endsAt: number;
  pulls: number;
}

const windowSeconds = 3600;

/**
 * Pulls counted in windows of an hour that begin with a first pull, by who makes them. In memory: a restart begins anew.
 * When there are too many at once, those whose window is oldest are forgotten.
 */
export class PullWindows {
  /** In the order in which they end. */
  readonly #windows = new Map<string, Window>();
  readonly #most: number;
  readonly #now: () => number;

  constructor(options: { readonly now: () => number; readonly most?: number }) {
    this.#now = options.now;
    this.#most = options.most ?? 50_000;
  }

  /** Takes one pull, unless none is left. */
  take(key: string, limit: number): PullAllowance {
    const window = this.#windowOf(key) ?? this.#begin(key);
    const isRefused = window.pulls >= limit;
    if (!isRefused) window.pulls += 1;
    return this.#allowance(window, limit, isRefused);
  }

  /** The same without taking one. */
  look(key: string, limit: number): PullAllowance {
    const window = this.#windowOf(key);
    const now = this.#now();
    return this.#allowance(
      window ?? { endsAt: now + windowSeconds * 1000, pulls: 0 },
      limit,
      (window?.pulls ?? 0) >= limit,
    );
  }

  /** Pulls in the window that runs. */
  pulls(key: string): number {
    return this.#windowOf(key)?.pulls ?? 0;
  }

  get size(): number {
    return this.#windows.size;
  }

  #allowance({ endsAt, pulls }: Window, limit: number, isRefused: boolean): PullAllowance {
    return {
      isRefused,
      limit,
      remaining: Math.max(0, limit - pulls),
      windowSeconds,
      retryAfterSeconds: Math.max(1, Math.ceil((endsAt - this.#now()) / 1000)),
    };
  }

  #windowOf(key: string): Window | undefined {
    const window = this.#windows.get(key);
    if (window === undefined || window.endsAt > this.#now()) return window;
    this.#windows.delete(key);
    return undefined;
  }

  #begin(key: string): Window {
    const now = this.#now();
    for (const [old, { endsAt }] of this.#windows) {
      if (endsAt > now && this.#windows.size < this.#most) break;
      this.#windows.delete(old);
    }
    const window: Window = { endsAt: now + windowSeconds * 1000, pulls: 0 };
    this.#windows.set(key, window);
    return window;
  }
}
