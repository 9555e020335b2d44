import {
  chmodSync,
  closeSync,
  createWriteStream,
  lchownSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { readTar, shownName, type TarEntry, type TarMember } from '#archive/index.ts';
import { Failure } from '../command.ts';

/** A member of a tar, under the name that it gets. */
export interface Member {
  readonly path: string;
  readonly linkPath: string;
  readonly member: TarMember;
}

/** The members of a container's tar with their first part, the copied thing itself, under another name. */
export async function* renamed(
  tar: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Member, void, void> {
  for await (const member of readTar(tar)) {
    const { entry } = member;
    const path = underName(shownName(entry.name), name);
    yield {
      path,
      linkPath: entry.type === 'hardLink' ? underName(shownName(entry.linkName), name) : '',
      member,
    };
  }
}

function underName(path: string, name: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..'))
    throw new Failure(`the container's archive leaves its folder: ${JSON.stringify(path)}`);
  return join(name, ...parts.slice(1));
}

/** Unpacks into a folder. No entry goes through a symbolic link that another one made. */
export async function extract(
  members: AsyncIterable<Member>,
  { folder, owners }: { folder: string; owners: boolean },
): Promise<void> {
  const made = new Map<string, TarEntry>();
  for await (const { path, linkPath, member } of members) {
    const target = join(folder, path);
    refuseLinks(folder, path);
    await put(target, member, join(folder, linkPath));
    if (member.entry.type === 'directory') made.set(target, member.entry);
    else settle(target, member.entry, owners);
  }
  // a folder's time is its own once nothing more is put into it
  for (const [target, entry] of [...made].reverse()) settle(target, entry, owners);
}

function refuseLinks(folder: string, path: string): void {
  const parts = path.split('/').slice(0, -1);
  parts.forEach((_, i) => {
    const parent = join(folder, ...parts.slice(0, i + 1));
    if (lstatSync(parent, { throwIfNoEntry: false })?.isSymbolicLink()) {
      throw new Failure(`the container's archive goes through a link: ${JSON.stringify(path)}`);
    }
  });
}

async function put(target: string, { entry, body }: TarMember, linkTarget: string): Promise<void> {
  const there = lstatSync(target, { throwIfNoEntry: false });
  if (entry.type === 'directory') {
    if (there !== undefined && !there.isDirectory())
      throw new Failure(`cannot overwrite non-directory "${target}" with directory`);
    if (there === undefined) mkdirSync(target, { recursive: true });
    return;
  }
  if (there?.isDirectory()) throw new Failure(`cannot overwrite directory "${target}" with non-directory`);
  if (there !== undefined) rmSync(target);
  mkdirSync(dirname(target), { recursive: true });
  if (entry.type === 'symlink') symlinkSync(shownName(entry.linkName), target);
  else if (entry.type === 'hardLink') linkSync(linkTarget, target);
  else if (entry.type === 'file') await writeBody(target, body);
  else throw new Failure(`cannot make a ${entry.type} here: ${target}`);
}

async function writeBody(target: string, body: AsyncIterable<Uint8Array>): Promise<void> {
  const fd = openSync(target, 'wx', 0o600);
  try {
    await pipeline(body, createWriteStream(target, { fd, autoClose: false }));
  } finally {
    closeSync(fd);
  }
}

function settle(target: string, entry: TarEntry, owners: boolean): void {
  if (owners) lchownSync(target, entry.uid, entry.gid);
  if (entry.type !== 'symlink') chmodSync(target, entry.mode);
  const seconds = entry.modified.seconds + entry.modified.nanoseconds / 1e9;
  lutimesSync(target, seconds, seconds);
}
