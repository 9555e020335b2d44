import type { AttachOptions } from '#runtime/format.ts';
import type { LateStream } from './late-stream.ts';

/** An attachment to a container that has not started: made good between its creation and its first instruction. */
export interface PendingAttachment {
  readonly options: AttachOptions;
  readonly stream: LateStream;
}
