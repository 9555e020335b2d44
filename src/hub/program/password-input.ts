import { invalid } from '#base/errors.ts';

const mostBytes = 4096;

/** All of standard input, without the end of its line. @throws {EngineError} `invalid` */
export async function passwordFromStdin(input: AsyncIterable<Uint8Array> = process.stdin): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of input) {
    size += chunk.length;
    if (size > mostBytes) throw invalid(`the password is longer than ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  const password = Buffer.concat(chunks)
    .toString()
    .replace(/\r?\n$/, '');
  if (password === '') throw invalid('the password is empty');
  return password;
}
