/**
 * One line of the progress stream of pull, push, load, import and build, as Docker's `jsonmessage` has it. Failures are
 * thrown by the iterable; the server turns one that comes after the first line into `errorDetail`.
 */
export interface ProgressMessage {
  readonly status?: string;
  /** Twelve digits of the layer, or the tag of a pull. */
  readonly id?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  /** The bar that older clients print as it is. */
  readonly progress?: string;
  readonly stream?: string;
  readonly aux?: unknown;
}
