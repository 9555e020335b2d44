/** A push or a change that an account's plan has no room for. */
export class LimitReached extends Error {
  readonly limit: 'private_repositories' | 'private_bytes';

  constructor(limit: LimitReached['limit'], message: string) {
    super(message);
    this.name = 'LimitReached';
    this.limit = limit;
  }
}
