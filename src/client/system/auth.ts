import type { AuthConfig, AuthResponse } from '#api/index.ts';
import type { Daemon } from '../daemon.ts';

/** Asks the registry whether credentials are right. @throws `unauthorized` */
export function checkAuth(daemon: Daemon, auth: AuthConfig): Promise<AuthResponse> {
  return daemon.json({ method: 'POST', path: '/auth', json: auth });
}
