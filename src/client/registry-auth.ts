import type { AuthConfig } from '#api/index.ts';

/** Credentials as the `X-Registry-Auth` header carries them: URL-safe base64 of JSON, padded. */
export function registryAuth(auth: AuthConfig | Readonly<Record<string, AuthConfig>>): string {
  const bytes = new TextEncoder().encode(JSON.stringify(auth));
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  return base64.replaceAll('+', '-').replaceAll('/', '_');
}

/** The header, when there are credentials to send. */
export const authHeader = (auth: AuthConfig | undefined) =>
  auth === undefined ? {} : { headers: { 'X-Registry-Auth': registryAuth(auth) } };
