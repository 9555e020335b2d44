/**
 * hub/access: who asks (Actor), what of it they may do (Access, Level).
 *
 *     const granted = await access.find(actor, 'team/app');     // undefined: it is not there, or not for this one
 *     if (granted === undefined || !reaches(granted.level, 'write')) …
 *
 * Called by every edge of the Hub.
 */
export { Access, type Granted } from './access.ts';
export { type Actor, lower, type Person, reaches, type Scopes, type Stranger } from './actor.ts';
