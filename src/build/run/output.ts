import type { Readable } from 'node:stream';
import { FrameDecoder } from '#api/multiplex.ts';
import type { StepRequest } from './run-step.ts';

/** Hands on what a step's process prints, as it comes. The process waits for a slow reader. Resolves at the end. */
export async function passOutput(frames: Readable, output: StepRequest['output']): Promise<void> {
  const decoder = new FrameDecoder();
  for await (const chunk of frames as AsyncIterable<Buffer>) {
    for (const { stream, bytes } of decoder.push(chunk)) {
      const piece = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      await output(stream === 'stderr' ? 2 : 1, piece);
    }
  }
}
