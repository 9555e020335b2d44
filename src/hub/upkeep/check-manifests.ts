import { createHash } from 'node:crypto';
import { type Digest, hexOf } from '#oci/digest.ts';
import { LimitReached } from '../records/limit-reached.ts';
import type { Checking } from './check.ts';
import { pages } from './pages.ts';

interface ContentRow {
  readonly digest: Digest;
  readonly size: number;
  readonly bytes: Uint8Array;
}

/** Every manifest's bytes against its digest. @returns how many there are */
export async function checkManifests({ rooms, found, signal }: Checking): Promise<number> {
  let manifests = 0;
  const rows = pages<{ readonly digest: string }>(
    rooms.database,
    'SELECT digest FROM manifest_content WHERE digest > ? ORDER BY digest',
    { from: [''], keyOf: ({ digest }) => [digest], signal },
  );
  for await (const batch of rows) {
    for (const { digest } of batch) {
      const row = rooms.database.get<ContentRow>('SELECT * FROM manifest_content WHERE digest = ?', digest);
      if (row === undefined) continue;
      manifests += 1;
      const hash = createHash(digest.startsWith('sha512:') ? 'sha512' : 'sha256').update(row.bytes);
      if (hash.digest('hex') !== hexOf(row.digest) || row.bytes.length !== row.size)
        found({ kind: 'manifest', subject: digest, problem: 'its content is other than its digest says' });
    }
  }
  return manifests;
}

interface LinkRow {
  readonly repository_id: number;
  readonly manifest: string;
  readonly target: string;
  readonly kind: string;
  readonly missing: number;
}

const missing = `k.kind <> 'manifest' AND NOT EXISTS (
  SELECT 1 FROM repository_blob l WHERE l.repository_id = k.repository_id AND l.digest = k.target)`;

/** Whether a repository has what its manifests refer to. An index may refer to manifests that were deleted. */
export async function checkLinks(checking: Checking): Promise<void> {
  const { rooms, signal } = checking;
  const rows = pages<LinkRow>(
    rooms.database,
    `SELECT repository_id, manifest, target, kind, ${missing} AS missing FROM manifest_link k
      WHERE (repository_id, manifest, target, kind) > (?1, ?2, ?3, ?4)
      ORDER BY repository_id, manifest, target, kind`,
    {
      from: [0, '', '', ''],
      keyOf: (row) => [row.repository_id, row.manifest, row.target, row.kind],
      signal,
    },
  );
  for await (const batch of rows) for (const row of batch) if (row.missing === 1) tell(checking, row);
}

function tell(checking: Checking, row: LinkRow): void {
  const { database } = checking.rooms;
  const { repair, found } = checking;
  const name = database.get<{ full_name: string }>(
    `SELECT r.full_name FROM manifest_link k JOIN repository r ON r.id = k.repository_id
      WHERE k.repository_id = ? AND k.manifest = ? AND k.target = ? AND k.kind = ? AND ${missing}`,
    row.repository_id,
    row.manifest,
    row.target,
    row.kind,
  )?.full_name;
  if (name === undefined) return;
  const mended = repair && linkAgain(checking, row);
  found({
    kind: 'link',
    subject: `${name}@${row.manifest}`,
    problem: `its ${row.kind} ${row.target} is not in the repository`,
    ...(mended && { repair: 'linked again' }),
  });
}

/** The blob's link anew, where the blob is there and its owner's plan has room. */
function linkAgain({ rooms }: Checking, { repository_id, target }: LinkRow): boolean {
  const { database, ledger, now } = rooms;
  try {
    return database.transaction(() => {
      const blob = database.get<{ size: number }>('SELECT size FROM blob WHERE digest = ?', target);
      if (blob === undefined) return false;
      database.run(
        'INSERT INTO repository_blob VALUES (?, ?, ?)',
        ...[repository_id, target, now().toISOString()],
      );
      const counted = database.get(
        'SELECT 1 FROM repository_manifest WHERE repository_id = ? AND digest = ?',
        ...[repository_id, target],
      );
      if (counted === undefined) ledger.link(repository_id, { digest: target, size: blob.size });
      return true;
    });
  } catch (error) {
    if (error instanceof LimitReached) return false;
    throw error;
  }
}
