import { invalid } from '#base/errors.ts';
import { readWhole } from '#base/read-whole.ts';

const mostBytes = 4096;

/** All of standard input, without the end of its line. @throws {EngineError} `invalid` */
export async function passwordFromStdin(input: AsyncIterable<Uint8Array> = process.stdin): Promise<string> {
  const tooLong = () => invalid(`the password is longer than ${mostBytes} bytes`);
  const password = (await readWhole(input, mostBytes, tooLong)).toString().replace(/\r?\n$/, '');
  if (password === '') throw invalid('the password is empty');
  return password;
}
