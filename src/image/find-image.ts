import { EngineError, notFound } from '#base/errors.ts';
import { type Digest, isDigest } from '#oci/digest.ts';
import { familiarString, parseReference, type Reference, withDefaultTag } from '#oci/reference.ts';
import type { ImageRecords } from './image-records.ts';

/** What a person's word for an image turned out to be. */
export interface Found {
  readonly id: Digest;
  /** The tag or digest it was found by; undefined when the word is (the start of) its id. */
  readonly reference: Reference | undefined;
}

/**
 * Finds an image by id, reference, `name@digest` or the beginning of its id, in Docker's order: a name wins over an id
 * that begins like it.
 *
 * @throws {EngineError} `invalid` when the word can be none of these
 */
export function findImage(records: ImageRecords, word: string): Found | undefined {
  const whole = /^[a-f0-9]{64}$/.test(word) ? `sha256:${word}` : word;
  if (isDigest(whole))
    return records.find(whole) === undefined ? undefined : { id: whole, reference: undefined };
  const reference = nameOf(word);
  if (!(reference instanceof EngineError)) {
    const named = records.named(reference);
    if (named !== undefined) return { id: named, reference: withDefaultTag(reference) };
  }
  const id = byPrefix(records, word);
  if (id !== undefined) return { id, reference: undefined };
  if (reference instanceof EngineError) throw reference;
  return undefined;
}

function nameOf(word: string): Reference | EngineError {
  try {
    return parseReference(word);
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
}

function byPrefix(records: ImageRecords, word: string): Digest | undefined {
  const hex = word.replace(/^sha256:/, '');
  if (!/^[a-f0-9]{1,64}$/.test(hex)) return undefined;
  const ids = records.startingWith(`sha256:${hex}`);
  return ids.length === 1 ? ids[0] : undefined;
}

/** Docker's words for an image that is not here: a name gets its default tag. */
export function noSuchImage(word: string): EngineError {
  const isId = /^(sha256:)?[a-f0-9]{64}$/.test(word);
  return notFound('image', isId ? word : familiarString(withDefaultTag(parseReference(word))));
}
