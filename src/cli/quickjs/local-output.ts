import { handOver } from './hand-over.ts';

/** Unpacking trees needs files and tars: the full program does the whole build (`../build/local-output.ts`). */
export const prepareToUnpack = (): void => handOver();
export const unpackTo = (_folder: string, _tar: AsyncIterable<Uint8Array>): Promise<void> => handOver();
