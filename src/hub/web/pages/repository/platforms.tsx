import type { ManifestDetail, Repository } from '../../../api/index.ts';
import { kindText } from '../../format.ts';
import { Card } from '../../parts/lists.tsx';
import { Bytes, DigestText } from '../../parts/text.tsx';
import { links } from '../../router/place.ts';

/** Of an index: an image for each platform. */
export const Platforms = ({
  repository,
  manifest,
}: {
  readonly repository: Repository;
  readonly manifest: ManifestDetail;
}) => (
  <Card title="Platforms">
    <ul class="lines">
      {manifest.manifests.map((child) => (
        <li key={child.digest}>
          <a class="line-name" href={links.manifest(repository.name, child.digest)}>
            {child.platform ?? kindText(child.mediaType)}
          </a>
          <DigestText digest={child.digest} />
          <Bytes bytes={child.size} />
        </li>
      ))}
    </ul>
  </Card>
);
