import type { Referrer, Repository } from '../../../api/index.ts';
import { Empty } from '../../parts/feedback.tsx';
import { Card } from '../../parts/lists.tsx';
import { Bytes, DigestText } from '../../parts/text.tsx';
import { links } from '../../router/place.ts';

/** Signatures, lists of parts and whatever else was attached to an image. */
export const Referrers = ({
  repository,
  referrers,
}: {
  readonly repository: Repository;
  readonly referrers: readonly Referrer[];
}) => (
  <Card title="Attached">
    {referrers.length === 0 ? (
      <Empty icon="layers" title="Nothing is attached">
        <p>Signatures, lists of parts and attestations that refer to this image show here.</p>
      </Empty>
    ) : (
      <ul class="lines">
        {referrers.map((referrer) => (
          <li key={referrer.digest}>
            <a class="line-name" href={links.manifest(repository.name, referrer.digest)}>
              {referrer.artifactType || referrer.mediaType}
            </a>
            <DigestText digest={referrer.digest} />
            <Bytes bytes={referrer.size} />
          </li>
        ))}
      </ul>
    )}
  </Card>
);
