import type { ManifestDetail, Repository } from '../../../api/index.ts';
import { at, dropManifest } from '../../client/calls.ts';
import { useAction, useData } from '../../client/use-data.ts';
import { kindText, many } from '../../format.ts';
import { Command } from '../../parts/copy.tsx';
import { ConfirmButton } from '../../parts/dialog.tsx';
import { Empty, Failed, Skeleton } from '../../parts/feedback.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Card } from '../../parts/lists.tsx';
import { Ago, Bytes, DigestText } from '../../parts/text.tsx';
import { navigate } from '../../router/navigation.ts';
import { links } from '../../router/place.ts';
import { useHubAddress } from '../../session.tsx';
import { Config, Pairs } from './config.tsx';
import { Layers } from './layers.tsx';
import { Platforms } from './platforms.tsx';
import { Referrers } from './referrers.tsx';
import { RepositoryFrame } from './repository.tsx';

/** An image by its tag or digest: layers, platforms, config, and what refers to it. */
export function ManifestPage({ name, reference }: { readonly name: string; readonly reference: string }) {
  const found = useData(at.repository(name), { keep: true });
  return (
    <RepositoryFrame found={found} name={name} tab="tags">
      {(repository) => <Manifest repository={repository} reference={reference} />}
    </RepositoryFrame>
  );
}

function Manifest({
  repository,
  reference,
}: {
  readonly repository: Repository;
  readonly reference: string;
}) {
  const found = useData(at.manifest(repository.name, reference));
  if (found.failure?.status === 404) {
    return (
      <Empty icon="tag" title="There is no such tag or image">
        <p>
          <a href={links.repository(repository.name, 'tags')}>See the tags that there are</a>
        </p>
      </Empty>
    );
  }
  if (found.failure !== undefined) return <Failed failure={found.failure} retry={found.reload} />;
  if (found.data === undefined) return <Skeleton rows={6} />;
  return <ManifestParts repository={repository} reference={reference} manifest={found.data} />;
}

function ManifestParts({
  repository,
  reference,
  manifest,
}: {
  readonly repository: Repository;
  readonly reference: string;
  readonly manifest: ManifestDetail;
}) {
  const isIndex = manifest.manifests.length > 0;
  return (
    <>
      <Summary repository={repository} reference={reference} manifest={manifest} />
      <div class="stack">
        {isIndex && <Platforms repository={repository} manifest={manifest} />}
        {manifest.layers.length > 0 && <Layers layers={manifest.layers} />}
        {manifest.config !== undefined && <Config config={manifest.config} />}
        <Referrers repository={repository} referrers={manifest.referrers} />
        {Object.keys(manifest.annotations).length > 0 && (
          <Card title="Annotations">
            <Pairs pairs={manifest.annotations} />
          </Card>
        )}
        {repository.level === 'admin' && <Drop repository={repository} manifest={manifest} />}
      </div>
    </>
  );
}

/** What an artifact says it is; of an image, that it is one. */
const kindOf = ({ artifactType, config, mediaType }: ManifestDetail): string =>
  artifactType === undefined || config !== undefined ? kindText(mediaType) : artifactType;

/** To pull: of an index, its largest image. */
const sizeOf = ({ manifests, size }: ManifestDetail): number =>
  manifests.length === 0 ? size : Math.max(...manifests.map((child) => child.size));

function Summary({
  repository,
  reference,
  manifest,
}: {
  readonly repository: Repository;
  readonly reference: string;
  readonly manifest: ManifestDetail;
}) {
  const address = useHubAddress();
  const isDigest = reference.includes(':');
  const image = `${address}/${repository.name}${isDigest ? '@' : ':'}${reference}`;
  return (
    <div class="manifest-head">
      <h2 class="tag-name">
        <Icon name={isDigest ? 'layers' : 'tag'} />
        {isDigest ? (manifest.platform ?? kindOf(manifest)) : reference}
      </h2>
      <ul class="facts">
        <li title={manifest.mediaType}>{kindOf(manifest)}</li>
        {manifest.platform !== undefined && <li>{manifest.platform}</li>}
        <li>
          <Bytes bytes={sizeOf(manifest)} />
        </li>
        <li>
          <DigestText digest={manifest.digest} />
        </li>
        <li>
          Pushed <Ago time={manifest.pushedAt} />
          {manifest.pushedBy !== undefined && (
            <>
              {' '}
              by <a href={links.account(manifest.pushedBy)}>{manifest.pushedBy}</a>
            </>
          )}
        </li>
      </ul>
      {manifest.tags.length > 0 && (
        <ul class="chips" aria-label="Tags of this image">
          {manifest.tags.map((tag) => (
            <li key={tag}>
              <a class="chip" href={links.tag(repository.name, tag)}>
                {tag}
              </a>
            </li>
          ))}
        </ul>
      )}
      <Command label="Pull command" text={`docker pull ${image}`} />
    </div>
  );
}

function Drop({
  repository,
  manifest,
}: {
  readonly repository: Repository;
  readonly manifest: ManifestDetail;
}) {
  const drop = useAction(async () => {
    await dropManifest(repository.name, manifest.digest);
    navigate(links.repository(repository.name, 'tags'));
  });
  return (
    <Card title="Delete">
      <div class="danger-row">
        <p>
          Deletes this image{manifest.tags.length > 0 && ` and ${many(manifest.tags.length, 'tag')} of it`}.
          Layers that other images use stay.
        </p>
        <ConfirmButton
          label="Delete the image"
          title="Delete this image?"
          verb="Delete the image"
          typed={manifest.tags[0] ?? manifest.digest.slice(-12)}
          action={drop}
        >
          <p>
            {manifest.tags.length > 0
              ? `These tags go with it: ${manifest.tags.join(', ')}.`
              : 'It has no tag; who pulls it by its digest can no longer do so.'}
          </p>
        </ConfirmButton>
      </div>
    </Card>
  );
}
