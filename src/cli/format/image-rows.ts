import type { ImageSummary } from '#api/index.ts';
import { goTime, humanDuration, humanSize, shortId } from './human.ts';
import type { Row } from './listing.ts';

export const imageHeaders = {
  ID: 'IMAGE ID',
  Repository: 'REPOSITORY',
  Tag: 'TAG',
  Digest: 'DIGEST',
  CreatedSince: 'CREATED',
  CreatedAt: 'CREATED AT',
  Size: 'SIZE',
  Containers: 'CONTAINERS',
  VirtualSize: 'SIZE',
  SharedSize: 'SHARED SIZE',
  UniqueSize: 'UNIQUE SIZE',
};

interface Name {
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

/** A row for each name of each image; an image without one has a row too. */
export function imageRows(
  images: readonly ImageSummary[],
  options: { truncate: boolean; digests: boolean },
): Row[] {
  return images.flatMap((image) =>
    namesOf(image, options.digests).map((name) => imageRow(image, name, options)),
  );
}

function imageRow(
  image: ImageSummary,
  { repository, tag, digest }: Name,
  { truncate }: { truncate: boolean },
): Row {
  const known = (bytes: number) => (bytes === -1 || bytes === undefined ? 'N/A' : humanSize(bytes));
  return {
    ID: truncate ? shortId(image.Id) : image.Id,
    Repository: repository,
    Tag: tag,
    Digest: digest,
    get CreatedSince() {
      // an image built to be the same every time has no date
      return image.Created <= 0 ? 'N/A' : `${humanDuration(Date.now() - image.Created * 1000)} ago`;
    },
    get CreatedAt() {
      return goTime(new Date(image.Created * 1000));
    },
    Size: humanSize(image.Size, 3),
    Containers: image.Containers === -1 ? 'N/A' : String(image.Containers),
    VirtualSize: humanSize(image.Size),
    SharedSize: known(image.SharedSize),
    UniqueSize: image.SharedSize === -1 ? 'N/A' : humanSize(image.Size - image.SharedSize),
  };
}

const none = '<none>';

function namesOf({ RepoTags: tags, RepoDigests: digests }: ImageSummary, withDigests: boolean): Name[] {
  const names: Name[] = [];
  const left = new Set(realDigests(digests));
  for (const reference of realTags(tags)) {
    const colon = reference.lastIndexOf(':');
    const [repository, tag] = [reference.slice(0, colon), reference.slice(colon + 1)];
    const own = realDigests(digests).filter((each) => each.startsWith(`${repository}@`));
    for (const each of own) left.delete(each);
    if (!withDigests || own.length === 0) names.push({ repository, tag, digest: none });
    else names.push(...own.map((each) => ({ repository, tag, digest: digestOf(each) })));
  }
  for (const each of left)
    names.push({ repository: each.slice(0, each.indexOf('@')), tag: none, digest: digestOf(each) });
  return names.length > 0 ? names : [{ repository: none, tag: none, digest: none }];
}

// older daemons name what has no name
const realTags = (tags: readonly string[] | null) => (tags ?? []).filter((tag) => tag !== '<none>:<none>');
const realDigests = (digests: readonly string[] | null) =>
  (digests ?? []).filter((each) => each !== '<none>@<none>');
const digestOf = (reference: string) => reference.slice(reference.indexOf('@') + 1);
