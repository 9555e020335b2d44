/**
 * hub/accounts: who people are, and how they show it.
 *
 * Nouns: user, organisation, team, password, second factor, session (a cookie), access token (`hht_`, of a person's own making),
 * refresh token (`hhr_`, what docker login keeps), registry token (signed, five minutes), invitation (`hhi_`), attempt.
 *
 *     const accounts = openAccounts(rooms, { publicAddress });
 *     await accounts.users.create({ name: 'ann', password, isAdmin: true });
 *     const actor = await accounts.registryAuthenticate(request, address);
 *
 * Called by the registry and the API for who asks; by the program for its users.
 */
export { type Accounts, type AccountsOptions, openAccounts } from './accounts.ts';
export { TooManyAttempts } from './attempts.ts';
export { ApiFailure, apiFailed } from './failure.ts';
export type { PublicAddress } from './public-address.ts';
export type { Users } from './users.ts';
