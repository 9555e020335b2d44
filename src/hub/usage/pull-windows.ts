/** How many pulls of an hour are left, to one who has a limit. */
export interface PullAllowance {
  readonly limit: number;
  /** After this pull. */
  readonly remaining: number;
  readonly windowSeconds: number;
  /** Whom it is counted for: an account's id, an address, a /64. */
  readonly source: string;
  /** Present: none is left, and the pull is not to be served; until the next window begins. */
  readonly refused?: { readonly retryAfterSeconds: number };
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
  take(source: string, limit: number): PullAllowance {
    const window = this.#windowOf(source) ?? this.#begin(source);
    const isRefused = window.pulls >= limit;
    if (!isRefused) window.pulls += 1;
    return this.#allowance(source, { window, limit, isRefused });
  }

  /** The same without taking one. */
  look(source: string, limit: number): PullAllowance {
    const window = this.#windowOf(source) ?? { endsAt: this.#now() + windowSeconds * 1000, pulls: 0 };
    return this.#allowance(source, { window, limit, isRefused: window.pulls >= limit });
  }

  /** Pulls in the window that runs. */
  pulls(source: string): number {
    return this.#windowOf(source)?.pulls ?? 0;
  }

  get size(): number {
    return this.#windows.size;
  }

  #allowance(
    source: string,
    {
      window,
      limit,
      isRefused,
    }: { readonly window: Window; readonly limit: number; readonly isRefused: boolean },
  ): PullAllowance {
    const retryAfterSeconds = Math.max(1, Math.ceil((window.endsAt - this.#now()) / 1000));
    return {
      ...{ limit, remaining: Math.max(0, limit - window.pulls), windowSeconds, source },
      ...(isRefused && { refused: { retryAfterSeconds } }),
    };
  }

  #windowOf(source: string): Window | undefined {
    const window = this.#windows.get(source);
    if (window === undefined || window.endsAt > this.#now()) return window;
    this.#windows.delete(source);
    return undefined;
  }

  #begin(source: string): Window {
    const now = this.#now();
    for (const [old, { endsAt }] of this.#windows) {
      if (endsAt > now && this.#windows.size < this.#most) break;
      this.#windows.delete(old);
    }
    const window: Window = { endsAt: now + windowSeconds * 1000, pulls: 0 };
    this.#windows.set(source, window);
    return window;
  }
}
