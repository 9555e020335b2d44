import { invalid } from '#base/errors.ts';
import type { Digest } from '#oci/digest.ts';
import {
  familiarString,
  parseReference,
  type Reference,
  withDefaultTag,
  withTagOrDigest,
} from '#oci/reference.ts';
import type { Rooms } from './rooms.ts';

/** A name that may be given to an image: with a tag, never a digest. @throws {EngineError} `invalid` */
export function newName(name: string, tag = ''): Reference {
  const parsed = parseReference(name);
  const reference = withDefaultTag(tag === '' ? parsed : withTagOrDigest(parsed, tag));
  if (reference.digest !== undefined) throw invalid('refusing to create a tag with a digest reference');
  if (reference.domain === 'docker.io' && /^library\/sha(256|512)$/.test(reference.path))
    throw invalid('refusing to create an ambiguous tag using digest algorithm as name');
  return reference;
}

/** Gives an image a name, taking it from the image that had it. */
export function tagImage(rooms: Pick<Rooms, 'records' | 'publish'>, id: Digest, name: Reference): void {
  rooms.records.transaction(() => rooms.records.name(name, id));
  publishTag(rooms, id, name);
}

export const publishTag = ({ publish }: Pick<Rooms, 'publish'>, id: Digest, name: Reference): void =>
  publish('tag', id, { name: familiarString(name) });
