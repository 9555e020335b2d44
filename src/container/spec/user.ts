import { invalid } from '#base/errors.ts';
import { type GroupEntry, groupEntries, isOwnerId, type PasswdEntry, passwdEntries } from '#oci/passwd.ts';

/** A user of a container, resolved. */
export interface ContainerUser {
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids: readonly number[];
  readonly home: string;
}

/**
 * Who `user` is by the container's own /etc/passwd and /etc/group: `name|uid[:name|gid]`, '' being root.
 *
 * A number needs no entry. Without a group it is the user's own, with those that list the user as member; with one, that
 * alone. `groups` (`--group-add`) come on top. The first is listed among the additional ones too, so that a file that
 * shuts that group out shuts this process out.
 *
 * @throws {EngineError} `invalid` in Docker's words: `unable to find user foo: no matching entries in passwd file`
 */
export function containerUser(options: {
  readonly user: string;
  readonly groups?: readonly string[];
  readonly passwd: string;
  readonly group: string;
}): ContainerUser {
  const [userPart = '', groupPart] = splitOnce(options.user);
  const users = passwdEntries(options.passwd);
  const groups = groupEntries(options.group);
  const entry = findUser(userPart, users);
  const uid = entry?.uid ?? numeric(userPart);
  if (uid === undefined) throw invalid(`unable to find user ${userPart}: no matching entries in passwd file`);
  if (!isOwnerId(uid)) throw invalid('uids and gids must be in range 0-2147483647');
  const gid = groupPart ? groupId(groupPart, groups, 'unable to find group') : (entry?.gid ?? 0);
  const member =
    groupPart || entry === undefined ? [] : groups.filter((one) => one.members.includes(entry.name));
  const added = (options.groups ?? []).map((name) => groupId(name, groups, 'Unable to find group'));
  return {
    uid,
    gid,
    additionalGids: [...new Set([gid, ...member.map((one) => one.gid), ...added])],
    home: entry?.home || '/',
  };
}

function splitOnce(text: string): [string, string | undefined] {
  const at = text.indexOf(':');
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** By name first: a user may be called `1000`. */
function findUser(text: string, users: readonly PasswdEntry[]): PasswdEntry | undefined {
  if (text === '') return users.find(({ uid }) => uid === 0);
  return users.find(({ name }) => name === text) ?? users.find(({ uid }) => uid === numeric(text));
}

function groupId(text: string, groups: readonly GroupEntry[], complaint: string): number {
  const gid = groups.find(({ name }) => name === text)?.gid ?? numeric(text);
  if (gid === undefined) throw invalid(`${complaint} ${text}: no matching entries in group file`);
  if (!isOwnerId(gid)) throw invalid('uids and gids must be in range 0-2147483647');
  return gid;
}

const numeric = (text: string): number | undefined =>
  text === '' ? 0 : /^\d+$/.test(text) ? Number(text) : undefined;
