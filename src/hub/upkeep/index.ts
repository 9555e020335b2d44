/**
 * hub/upkeep: what keeps a Hub small and whole: collection while pushes go on, scrub, check, backup and restore.
 *
 * Nouns: Collection (one run that lets go of what nothing refers to), grace (how long that stays all the same), hold (while one
 * is alive no blob's file goes), Finding (something that a check finds wrong).
 *
 *     const upkeep = new Upkeep(rooms, { store, locks });
 *     await using running = upkeep.start();
 *
 * Called by hub.ts while it serves, and by the program's commands.
 */
export { type Backed, backup, dropSnapshots } from './backup.ts';
export { type Checked, check, type Finding } from './check.ts';
export { type CollectOptions, collect } from './collect.ts';
export { hold } from './holds.ts';
export { type Restored, restore } from './restore.ts';
export { type Scrubbed, scrub } from './scrub.ts';
export { Upkeep } from './upkeep.ts';
