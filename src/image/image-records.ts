import type { Digest } from '#oci/digest.ts';
import type { ImageConfig } from '#oci/image-config.ts';
import { parseReference, type Reference, repositoryOf } from '#oci/reference.ts';
import type { Database } from '#state/database.ts';
import type { Image } from './images.ts';

/** The names of one image: tags, then digests, each in order. */
export interface Names {
  readonly tags: readonly Reference[];
  readonly digests: readonly Reference[];
}

interface ImageRow {
  readonly id: Digest;
  readonly config: string;
  readonly size: number;
  readonly parent: Digest | null;
}

/** The rows of images, their names and manifests. Every change is one transaction of the caller's. */
export class ImageRecords {
  readonly #database: Database;
  readonly #now: () => Date;

  constructor(database: Database, now: () => Date) {
    this.#database = database;
    this.#now = now;
  }

  transaction<T>(change: () => T): T {
    return this.#database.transaction(change);
  }

  /** Records a whole image, or only confirms one that is there: then its parent stays what it was. */
  add(
    image: Pick<Image, 'id' | 'rawConfig' | 'layers' | 'size'> & { readonly parent?: Digest | undefined },
  ): void {
    const { id, rawConfig, layers, size, parent } = image;
    const created = this.#now().toISOString();
    const added = this.#database.run(
      'INSERT OR IGNORE INTO image (id, config, size, created_at, parent) VALUES (?, ?, ?, ?, ?)',
      ...[id, rawConfig, size, created, parent ?? null],
    );
    for (const diffId of layers) this.#database.run('DELETE FROM kept_layer WHERE diff_id = ?', diffId);
    if (added === 0) return;
    layers.forEach((diffId, position) => {
      this.#database.run('INSERT INTO image_layer VALUES (?, ?, ?)', id, position, diffId);
    });
  }

  find(id: Digest): Image | undefined {
    const row = this.#database.get<ImageRow>('SELECT id, config, size, parent FROM image WHERE id = ?', id);
    return row === undefined ? undefined : imageOf(row);
  }

  all(): readonly Image[] {
    return this.#database.all<ImageRow>('SELECT id, config, size, parent FROM image').map(imageOf);
  }

  count(): number {
    return this.#database.get<{ n: number }>('SELECT count(*) AS n FROM image')?.n ?? 0;
  }

  /** The ids that begin so, two at most: enough to know that one is not the only. */
  startingWith(prefix: string): readonly Digest[] {
    const range = [prefix, `${prefix}g`] as const;
    return this.#database
      .all<{ id: Digest }>('SELECT id FROM image WHERE id >= ? AND id < ? LIMIT 2', ...range)
      .map(({ id }) => id);
  }

  children(id: Digest): readonly Digest[] {
    return this.#database
      .all<{ id: Digest }>('SELECT id FROM image WHERE parent = ?', id)
      .map((row) => row.id);
  }

  /** Every image that is another's parent. */
  parents(): ReadonlySet<string> {
    const rows = this.#database.all<{ parent: string }>(
      'SELECT DISTINCT parent FROM image WHERE parent IS NOT NULL',
    );
    return new Set(rows.map(({ parent }) => parent));
  }

  /** Removes the image and all that names it. Its layers stay until they are collected. */
  remove(id: Digest): void {
    this.#database.run('DELETE FROM tag WHERE image_id = ?', id);
    this.#database.run('UPDATE image SET parent = NULL WHERE parent = ?', id);
    this.#database.run('DELETE FROM image WHERE id = ?', id);
  }

  /** The image that a tag or digest means. */
  named(reference: Reference): Digest | undefined {
    const [repository, { tag = 'latest', digest }] = [repositoryOf(reference), reference];
    const row =
      digest === undefined
        ? this.#database.get<{ image_id: Digest }>(
            'SELECT image_id FROM tag WHERE repository = ? AND tag = ?',
            repository,
            tag,
          )
        : this.#database.get<{ image_id: Digest }>(
            'SELECT image_id FROM repository_digest WHERE repository = ? AND digest = ?',
            repository,
            digest,
          );
    return row?.image_id;
  }

  namesOf(id: Digest): Names {
    const tags = this.#database.all<{ repository: string; tag: string }>(
      'SELECT repository, tag FROM tag WHERE image_id = ? ORDER BY repository, tag',
      id,
    );
    const digests = this.#database.all<{ repository: string; digest: Digest }>(
      'SELECT repository, digest FROM repository_digest WHERE image_id = ? ORDER BY repository, digest',
      id,
    );
    return {
      tags: tags.map(({ repository, tag }) => ({ ...parseReference(repository), tag })),
      digests: digests.map(({ repository, digest }) => ({ ...parseReference(repository), digest })),
    };
  }

  /** The tags of a repository. */
  tagsOf(repository: string): readonly string[] {
    return this.#database
      .all<{ tag: string }>('SELECT tag FROM tag WHERE repository = ? ORDER BY tag', repository)
      .map(({ tag }) => tag);
  }

  /** Gives the image a name, taking it from whatever image had it. @returns the image that had it */
  name(reference: Reference, id: Digest): Digest | undefined {
    const before = this.named(reference);
    const repository = repositoryOf(reference);
    if (reference.digest !== undefined)
      this.#database.run(
        'INSERT OR REPLACE INTO repository_digest VALUES (?, ?, ?)',
        repository,
        reference.digest,
        id,
      );
    else {
      this.#database.run(
        'INSERT OR REPLACE INTO tag VALUES (?, ?, ?)',
        repository,
        reference.tag ?? 'latest',
        id,
      );
      if (before !== id)
        this.#database.run('UPDATE image SET tagged_at = ? WHERE id = ?', this.#now().toISOString(), id);
    }
    return before;
  }

  unname(reference: Reference): void {
    const [repository, { tag = 'latest', digest }] = [repositoryOf(reference), reference];
    if (digest === undefined)
      this.#database.run('DELETE FROM tag WHERE repository = ? AND tag = ?', repository, tag);
    else
      this.#database.run(
        'DELETE FROM repository_digest WHERE repository = ? AND digest = ?',
        repository,
        digest,
      );
  }

  /** When the image last got a tag here, for `Metadata.LastTagTime`. */
  taggedAt(id: Digest): string | undefined {
    return (
      this.#database.get<{ tagged_at: string | null }>('SELECT tagged_at FROM image WHERE id = ?', id)
        ?.tagged_at ?? undefined
    );
  }

  addManifest(id: Digest, digest: Digest): void {
    this.#database.run('INSERT OR IGNORE INTO image_manifest VALUES (?, ?)', id, digest);
  }

  manifestsOf(id: Digest): readonly Digest[] {
    return this.#database
      .all<{ digest: Digest }>('SELECT digest FROM image_manifest WHERE image_id = ?', id)
      .map(({ digest }) => digest);
  }

  hasManifest(digest: Digest): boolean {
    return this.#database.get('SELECT 1 FROM image_manifest WHERE digest = ? LIMIT 1', digest) !== undefined;
  }
}

function imageOf({ id, config: rawConfig, size, parent }: ImageRow): Image {
  const config = JSON.parse(rawConfig) as ImageConfig;
  return { id, config, rawConfig, layers: config.rootfs.diff_ids ?? [], size, parent: parent ?? undefined };
}
