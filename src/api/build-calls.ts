/** What `POST /hoist/builds` answers with `call` other than `build`: the shapes of BuildKit's subrequests. */

/** Lines count from 1. */
export interface CallLocation {
  readonly ranges: readonly {
    readonly start: { readonly line: number };
    readonly end: { readonly line: number };
  }[];
}

/** `check` */
export interface CheckResult {
  readonly warnings: readonly CheckWarning[];
  /** Contents in base64. */
  readonly sources: readonly CheckSource[];
  /** What the build would fail on. */
  readonly buildError?: { readonly message: string; readonly location: CallLocation };
}

export interface CheckWarning {
  readonly ruleName: string;
  readonly description: string;
  readonly url: string;
  readonly detail: string;
  readonly location: CallLocation;
}

export interface CheckSource {
  readonly filename: string;
  readonly language: string;
  readonly data: string;
}

export interface OutlineArg {
  readonly name: string;
  readonly description?: string;
  readonly value?: string;
  readonly location?: CallLocation;
}

/** A secret, or an agent. */
export interface OutlineNeed {
  readonly name: string;
  readonly required?: boolean;
  readonly location?: CallLocation;
}

/** `outline`: what may be given to a target. */
export interface Outline {
  readonly name?: string;
  readonly description?: string;
  readonly args?: readonly OutlineArg[];
  readonly secrets?: readonly OutlineNeed[];
  readonly ssh?: readonly OutlineNeed[];
  readonly cache?: readonly { readonly ID: string; readonly location?: CallLocation }[];
  /** The Dockerfile, base64. */
  readonly sources: readonly string[];
}

export interface BuildTarget {
  readonly name?: string;
  readonly default?: boolean;
  readonly description?: string;
  readonly base?: string;
  readonly platform?: string;
  readonly location?: CallLocation;
}

/** `targets`: the stages that may be built. */
export interface TargetList {
  readonly targets: readonly BuildTarget[];
  /** The Dockerfile, base64. */
  readonly sources: readonly string[];
}
