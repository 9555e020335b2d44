import type { RepositorySummary } from '../api/repositories.ts';
import type { Viewer } from './viewer.ts';

/** What is looked for, without case and diacritics. */
export interface SoughtWords {
  /** As a name is written: the repository of that whole name is among what is found, if it has the words. */
  readonly name: string;
  /** One at least, as `wordsOf` takes them from a text. All of them must be there: as words, or as what words begin with. */
  readonly words: readonly string[];
}

/**
 * Repositories by words of their names, descriptions and overviews, found as soon as the change that has them is made.
 *
 * To a stranger, what is private makes no difference, not even in time: implementations look up apart what is public and what is
 * not.
 */
export interface SearchRecords {
  /**
   * Those that have all the words and that the viewer may see, in no order.
   *
   * All of them where they are few. Where more than `most` are public, or private, then of each of the two at least `most`: those
   * with the words in their names before others, and of what is public the most popular (stars, pulls) before others. That many
   * words begin with a long one may leave it as a word by itself.
   */
  find(viewer: Viewer, sought: SoughtWords, most: number): Promise<readonly RepositorySummary[]>;
  /** What the index says otherwise than the repositories, in words; nothing when all is well. */
  check(): Promise<readonly string[]>;
  /** Makes the index anew from the repositories. */
  rebuild(): Promise<void>;
  /** A short step of what keeps searches fast while repositories are written. @returns whether there is more to do */
  tend(): Promise<boolean>;
}
