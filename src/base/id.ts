import { randomBytes } from 'node:crypto';

/** A new random id of 64 hexadecimal digits, as Docker gives containers, networks and execs. */
export const newId = (): string => randomBytes(32).toString('hex');

/** The twelve digits that people see. */
export const shortId = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12);
