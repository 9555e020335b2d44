import { mkdirSync } from 'node:fs';
import { readTar, shownName } from '#archive/index.ts';
import { Failure } from '../command.ts';
import { extract, type Member } from '../copy/extract.ts';

/** Whether trees can be unpacked here: the small host becomes the full program instead (`../quickjs/local-output.ts`). */
export function prepareToUnpack(): void {}

/** Unpacks a tar into a folder, which is made when there is none. */
export async function unpackTo(folder: string, tar: AsyncIterable<Uint8Array>): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await extract(members(tar), { folder, owners: false });
}

async function* members(tar: AsyncIterable<Uint8Array>): AsyncGenerator<Member, void, void> {
  for await (const member of readTar(tar)) {
    const path = inside(shownName(member.entry.name));
    // the folder itself is as its owner has it
    if (path === '') continue;
    const linkPath = member.entry.type === 'hardLink' ? inside(shownName(member.entry.linkName)) : '';
    yield { path, linkPath, member };
  }
}

function inside(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..'))
    throw new Failure(`the build's output leaves its folder: ${JSON.stringify(path)}`);
  return parts.join('/');
}
