/** A line of /etc/passwd. */
export interface PasswdEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/** A line of /etc/group. */
export interface GroupEntry {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/** name:password:uid:gid:comment:home:shell; what is no such line is passed over. @see passwd(5) */
export function passwdEntries(text: string): PasswdEntry[] {
  return fieldLines(text).flatMap(([name = '', , uid, gid, , home = '']) =>
    isNumber(uid) && isNumber(gid) ? [{ name, uid: Number(uid), gid: Number(gid), home }] : [],
  );
}

/** name:password:gid:member,member; what is no such line is passed over. @see group(5) */
export function groupEntries(text: string): GroupEntry[] {
  return fieldLines(text).flatMap(([name = '', , gid, members = '']) =>
    isNumber(gid) ? [{ name, gid: Number(gid), members: members.split(',') }] : [],
  );
}

/** Whether a uid or gid is one that Docker takes. */
export const isOwnerId = (id: number): boolean => id >= 0 && id <= 2 ** 31 - 1;

const fieldLines = (text: string): string[][] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(':'));

const isNumber = (text: string | undefined): boolean => text !== undefined && /^\d+$/.test(text);
