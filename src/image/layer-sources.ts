import type { Digest } from '#oci/digest.ts';
import type { Descriptor } from '#oci/manifest.ts';
import type { Database } from '#state/database.ts';

/** Where a layer was seen in a registry, compressed. */
export interface LayerSource {
  readonly diffId: Digest;
  readonly blob: Pick<Descriptor, 'digest' | 'size' | 'mediaType'>;
  /** `domain/path`; '' for a form that this engine made and no registry is known to have. */
  readonly repository: string;
}

/** What push knows of the registries' side: which blob is which layer, and where it was. */
export class LayerSources {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  add({ diffId, blob, repository }: LayerSource): void {
    const values = [diffId, blob.digest, blob.size, blob.mediaType, repository];
    this.#database.run('INSERT OR REPLACE INTO layer_source VALUES (?, ?, ?, ?, ?)', ...values);
  }

  /**
   * Adds where a layer was told to be, when we know from elsewhere that this blob is that layer. Someone's word alone
   * is not believed: a push would pass it on.
   */
  confirm(source: LayerSource): void {
    const known = this.of(source.diffId).some(({ blob }) => blob.digest === source.blob.digest);
    if (known) this.add(source);
  }

  remove({ diffId, blob, repository }: LayerSource): void {
    this.#database.run(
      'DELETE FROM layer_source WHERE diff_id = ? AND repository = ? AND blob = ?',
      ...[diffId, repository, blob.digest],
    );
  }

  of(diffId: Digest): readonly LayerSource[] {
    const rows = this.#database.all<{ blob: Digest; size: number; media_type: string; repository: string }>(
      'SELECT blob, size, media_type, repository FROM layer_source WHERE diff_id = ? ORDER BY repository, blob',
      diffId,
    );
    return rows.map(({ blob, size, media_type, repository }) => ({
      diffId,
      blob: { digest: blob, size, mediaType: media_type },
      repository,
    }));
  }
}
