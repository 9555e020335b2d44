import { createHash } from 'node:crypto';
import { hexOf } from '#oci/digest.ts';
import type { Checking } from './check.ts';

/** Every manifest's bytes against its digest. @returns how many there are */
export async function checkManifests({ rooms, found, signal }: Checking): Promise<number> {
  let manifests = 0;
  for await (const { digest, size, bytes } of rooms.records.checks.manifests({ signal })) {
    manifests += 1;
    const hash = createHash(digest.startsWith('sha512:') ? 'sha512' : 'sha256').update(bytes);
    if (hash.digest('hex') !== hexOf(digest) || bytes.length !== size)
      found({ kind: 'manifest', subject: digest, problem: 'its content is other than its digest says' });
  }
  return manifests;
}

/** Whether a repository has what its manifests refer to. */
export async function checkLinks({ rooms, repair, found, signal }: Checking): Promise<void> {
  const { checks } = rooms.records;
  for await (const link of checks.missingLinks({ signal })) {
    const isMended = repair && (await checks.relink(link));
    found({
      kind: 'link',
      subject: `${link.repository.fullName}@${link.manifest}`,
      problem: `its ${link.kind} ${link.target} is not in the repository`,
      ...(isMended && { repair: 'linked again' }),
    });
  }
}
