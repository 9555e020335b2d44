import { conflict } from '#base/errors.ts';
import type { Database } from '#state/database.ts';
import type { Visibility } from '../../api/accounts.ts';
import { LimitReached } from '../limit-reached.ts';

interface Owner {
  readonly id: string;
  readonly name: string;
  readonly private_repositories: number;
  readonly private_bytes: number;
  readonly most_repositories: number | null;
  readonly most_bytes: number | null;
}

/**
 * What owners' private repositories hold, counted when it changes: every function here is called inside the transaction that
 * makes the change, so that usage is exact at every moment. A content (blob or manifest) counts once for an owner, however
 * many of the owner's private repositories have it; public ones count nothing.
 */
export class Ledger {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * A repository came to hold a content. Call it once per repository and content.
   *
   * @throws {LimitReached} when the owner's plan has no room; the caller's transaction must not commit
   */
  link(repositoryId: number, content: { readonly digest: string; readonly size: number }): void {
    const owner = this.#privateOwner(repositoryId);
    if (owner !== undefined) this.#add(owner, content);
  }

  /** A repository holds a content no more. */
  unlink(repositoryId: number, digest: string): void {
    const owner = this.#privateOwner(repositoryId);
    if (owner !== undefined) this.#take(owner, digest);
  }

  /** A new repository is there, empty. @throws {LimitReached} */
  repositoryAdded(repositoryId: number): void {
    const owner = this.#privateOwner(repositoryId);
    if (owner !== undefined) this.#countRepository(owner);
  }

  /** Before its row and its links go. */
  repositoryRemoved(repositoryId: number): void {
    const owner = this.#privateOwner(repositoryId);
    if (owner === undefined) return;
    for (const { digest } of this.#contents(repositoryId)) this.#take(owner, digest);
    this.#database.run(
      'UPDATE account SET private_repositories = private_repositories - 1 WHERE id = ?',
      owner.id,
    );
  }

  /** Changes who may see a repository, and what it counts. @throws {LimitReached} */
  setVisibility(repositoryId: number, visibility: Visibility): void {
    const set = 'UPDATE repository SET visibility = ? WHERE id = ? AND visibility <> ?1';
    if (visibility === 'public') this.repositoryRemoved(repositoryId);
    if (this.#database.run(set, visibility, repositoryId) === 0 || visibility === 'public') return;
    const owner = this.#privateOwner(repositoryId)!;
    this.#countRepository(owner);
    for (const content of this.#contents(repositoryId)) this.#add(owner, content);
  }

  #countRepository({ id, name, private_repositories: has, most_repositories: most }: Owner): void {
    if (most !== null && has >= most)
      throw new LimitReached(
        'private_repositories',
        `${name} has ${has} private repositories, as many as its plan allows`,
      );
    this.#database.run('UPDATE account SET private_repositories = private_repositories + 1 WHERE id = ?', id);
  }

  #add(
    { id, name, most_bytes: most }: Owner,
    { digest, size }: { readonly digest: string; readonly size: number },
  ): void {
    const { links } = this.#database.get<{ links: number }>(
      `INSERT INTO owner_content VALUES (?1, ?2, ?3, 1)
         ON CONFLICT (owner_id, digest) DO UPDATE SET links = links + 1 RETURNING links`,
      id,
      digest,
      size,
    )!;
    if (links > 1) return;
    const { private_bytes: bytes } = this.#database.get<{ private_bytes: number }>(
      'UPDATE account SET private_bytes = private_bytes + ? WHERE id = ? RETURNING private_bytes',
      size,
      id,
    )!;
    if (most !== null && bytes > most)
      throw new LimitReached(
        'private_bytes',
        `${name} would hold ${bytes} bytes in private repositories; its plan allows ${most}`,
      );
  }

  #take({ id }: Owner, digest: string): void {
    const row = this.#database.get<{ links: number; size: number }>(
      'UPDATE owner_content SET links = links - 1 WHERE owner_id = ? AND digest = ? RETURNING links, size',
      id,
      digest,
    );
    if (row === undefined) throw conflict(`${digest} was never counted`);
    if (row.links > 0) return;
    this.#database.run('DELETE FROM owner_content WHERE owner_id = ? AND digest = ?', id, digest);
    this.#database.run('UPDATE account SET private_bytes = private_bytes - ? WHERE id = ?', row.size, id);
  }

  #contents(repositoryId: number): readonly { readonly digest: string; readonly size: number }[] {
    return this.#database.all(
      `SELECT b.digest, b.size FROM repository_blob l JOIN blob b ON b.digest = l.digest WHERE l.repository_id = ?1
       UNION SELECT c.digest, c.size FROM repository_manifest m JOIN manifest_content c ON c.digest = m.digest
        WHERE m.repository_id = ?1`,
      repositoryId,
    );
  }

  /** Undefined for a public repository. */
  #privateOwner(repositoryId: number): Owner | undefined {
    return this.#database.get<Owner>(
      `SELECT a.id, a.name, a.private_repositories, a.private_bytes,
              p.private_repositories AS most_repositories, p.private_bytes AS most_bytes
         FROM repository r JOIN account a ON a.id = r.owner_id JOIN plan p ON p.id = a.plan_id
        WHERE r.id = ? AND r.visibility = 'private'`,
      repositoryId,
    );
  }
}
