/**
 * logs: reads what the shim wrote of a container's output, back to front or front to back, once or as it grows.
 *
 * Nouns: frame (what one read gave, with its time and stream, frame.ts), selection (which frames, in which form), tail, follow.
 *
 *     for await (const bytes of readLogs(paths.containerLog(id), { tail: 10, … })) response.write(bytes);
 *
 * Nothing here writes: the shim appends and rotates (`log` → `log.1` → `log.2`), so that a container never waits on a
 * reader. Called by `container`.
 */
export { encodeFrame, type Stream } from './frame.ts';
export { type LogQuery, readLogs } from './read.ts';
