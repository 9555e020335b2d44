export interface PasswdEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

export interface GroupEntry {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/** name:password:uid:gid:comment:home:shell; what is no such line is passed over. */
export function passwdEntries(text: string): PasswdEntry[] {
  return fieldLines(text).flatMap(([name = '', , uid, gid, , home = '']) =>
    isNumber(uid) && isNumber(gid) ? [{ name, uid: Number(uid), gid: Number(gid), home }] : [],
  );
}

/** name:password:gid:member,member */
export function groupEntries(text: string): GroupEntry[] {
  return fieldLines(text).flatMap(([name = '', , gid, members = '']) =>
    isNumber(gid) ? [{ name, gid: Number(gid), members: members.split(',') }] : [],
  );
}

const fieldLines = (text: string): string[][] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(':'));

const isNumber = (text: string | undefined): boolean => text !== undefined && /^\d+$/.test(text);
