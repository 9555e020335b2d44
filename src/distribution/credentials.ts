/** What `X-Registry-Auth` carries, in its wire form. All absent or empty: anonymous. */
export interface Credentials {
  readonly username?: string;
  readonly password?: string;
  /** An OAuth2 refresh token, instead of the password. */
  readonly identitytoken?: string;
  /** A bearer token to send as it is. */
  readonly registrytoken?: string;
  readonly serveraddress?: string;
}
