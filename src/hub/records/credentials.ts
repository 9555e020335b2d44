/** What a registry token was made by. */
export interface CredentialUse {
  readonly userId: string;
  readonly by: 'password' | 'access-token' | 'refresh-token';
  /** The id of its record; of a password, when it was set. */
  readonly proof: string;
}

export interface CredentialHolder {
  readonly name: string;
  readonly isAdmin: boolean;
}

/** What tokens that are kept nowhere rest on. Asked with every request, so that what is revoked ends at once. */
export interface CredentialRecords {
  /**
   * The user, while it is not disabled and the credential is still good: the password the same, the access token neither revoked
   * nor expired, the registry sign-in likewise and with it the access token that it was given for.
   */
  holder(use: CredentialUse): Promise<CredentialHolder | undefined>;
}
