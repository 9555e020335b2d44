import type { FileSource } from '#archive/file-source.ts';
import { fromText } from '#archive/tar-entry.ts';
import { invalid } from '#base/errors.ts';
import { groupEntries, passwdEntries } from '#oci/passwd.ts';
import { resolvePath } from './resolve-path.ts';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Bytes of a passwd or group file that are read. */
const limit = 1 << 20;

/**
 * `--chown=user[:group]`: numbers, or names by the root's own /etc/passwd and /etc/group. Without a group it is the user's
 * number, as Docker has it.
 *
 * @throws {EngineError} `invalid` in Docker's words
 */
export async function ownerOf(text: string, root: FileSource | undefined): Promise<Owner> {
  const at = text.indexOf(':');
  const [user, group] = at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
  if (user === '' || group === '') throw invalid('invalid chown string');
  const userId = number(user);
  if (userId === undefined) {
    const entry = passwdEntries(await textOf('etc/passwd', root)).find(({ name }) => name === user);
    if (entry === undefined) throw unknown('uid', 'user', user);
    return { uid: entry.uid, gid: group === undefined ? entry.gid : await groupId(group, root) };
  }
  return { uid: userId, gid: group === undefined ? userId : await groupId(group, root) };
}

async function groupId(text: string, root: FileSource | undefined): Promise<number> {
  const id = number(text);
  if (id !== undefined) return id;
  const entry = groupEntries(await textOf('etc/group', root)).find(({ name }) => name === text);
  if (entry === undefined) throw unknown('gid', 'group', text);
  return entry.gid;
}

const unknown = (id: string, what: string, name: string) =>
  invalid(
    `unable to convert uid/gid chown string to host mapping: can't find ${id} for ${what} ${name}: no such ${what}: ${name}`,
  );

function number(text: string): number | undefined {
  if (!/^\d+$/.test(text)) return undefined;
  const id = Number(text);
  if (id > 2 ** 31 - 1) throw invalid('uids and gids must be in range 0-2147483647');
  return id;
}

async function textOf(path: string, root: FileSource | undefined): Promise<string> {
  if (root === undefined) return '';
  const at = resolvePath(root, fromText(path));
  if (root.find(at)?.type !== 'file') return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of root.open(at)) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > limit) break;
  }
  return Buffer.concat(chunks).toString('utf8', 0, limit);
}
