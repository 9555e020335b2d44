import type { Database } from '#state/database.ts';
import type { Visibility } from '../../api/accounts.ts';
import type { RepositorySummary } from '../../api/repositories.ts';
import type { SearchRecords, SoughtWords } from '../search.ts';
import type { Viewer } from '../viewer.ts';
import type { SqliteParts } from './parts.ts';
import { checkSearchIndex, mergeSearchIndex, rebuildSearchIndex } from './search-index.ts';
import { allOf, anyOf, longestPrefix, type Term } from './search-query.ts';
import { visibleTo } from './visible.ts';

/** A person in more than this many accounts and teams finds what is theirs by these. */
const mostReaders = 500;
/** The most popular first. @see schema.ts, `tier` */
const tiers = ['4', '3', '2', '1'].map((text) => allOf([{ text, mark: 'tier' }]));

/** What is public and what is private has an index each: to a stranger, private repositories make no difference. */
export class SqliteSearch implements SearchRecords {
  readonly #database: Database;

  constructor({ database }: SqliteParts) {
    this.#database = database;
  }

  async find(
    viewer: Viewer,
    { name, words }: SoughtWords,
    most: number,
  ): Promise<readonly RepositorySummary[]> {
    const database = this.#database;
    const sought = { name, terms: termsOf(database, words, most), most };
    const ids = gather(database, { table: 'public_text', ...sought, among: '' });
    if (viewer.kind === 'stranger') return rowsOf(database, viewer, ids);
    const among = viewer.kind === 'administrator' ? '' : readersOf(database, viewer.id);
    const own = gather(database, { table: 'private_text', ...sought, among });
    return rowsOf(database, viewer, [...ids, ...own]);
  }

  async check(): Promise<readonly string[]> {
    return checkSearchIndex(this.#database);
  }

  async rebuild(): Promise<void> {
    rebuildSearchIndex(this.#database);
  }

  async tend(): Promise<boolean> {
    return mergeSearchIndex(this.#database);
  }
}

type Table = 'public_text' | 'private_text';

interface Gathering {
  readonly table: Table;
  readonly name: string;
  readonly terms: readonly Term[];
  /** A further condition of the full-text query. */
  readonly among: string;
  readonly most: number;
}

/** Ids of what fits. All of it where it is no more than `most`; otherwise by name first, and the most popular of each. */
function gather(database: Database, gathering: Gathering): readonly number[] {
  const { table, name, terms, among, most } = gathering;
  const anywhere = allOf(terms);
  const all = matching(database, { table, match: `${anywhere}${among}`, most: most + 1 });
  if (all.length <= most) return all;
  const found = new Set(exactly(database, table, name));
  for (const isPrefix of [false, true]) {
    if (found.size >= most) return [...found];
    const match = allOf(
      terms.map((term) => ({ ...term, mark: 'name', isPrefix: isPrefix && term.isPrefix })),
    );
    for (const id of best(database, { table, match, among, most })) found.add(id);
  }
  if (found.size < most)
    for (const id of among === '' ? popular(database, { table, match: anywhere, most }) : all) found.add(id);
  return [...found];
}

interface Query {
  readonly table: Table;
  readonly match: string;
  readonly most: number;
}

/** All that a query finds; where that is too much, the most popular. What is a person's own is seldom so much, or popular. */
function best(
  database: Database,
  { table, match, among, most }: Query & { readonly among: string },
): readonly number[] {
  const all = matching(database, { table, match: `${match}${among}`, most: most + 1 });
  if (all.length <= most) return all;
  return among === '' ? popular(database, { table, match, most }) : all.slice(0, most);
}

function popular(database: Database, { table, match, most }: Query): readonly number[] {
  const found: number[] = [];
  for (const tier of tiers) {
    const query = `${match} AND ${tier}`;
    found.push(...matching(database, { table, match: query, most: most - found.length }));
    if (found.length >= most) break;
  }
  return found;
}

/**
 * Words that begin with a long one are gathered when they are asked for, which takes long where there are many: then only it itself
 * is looked for. What is public alone decides that, for nobody is to learn what others' private repositories are about.
 */
function termsOf(database: Database, words: readonly string[], most: number): readonly Term[] {
  const isCommon = (text: string): boolean =>
    isTooMuch(database, { table: 'public_text', match: allOf([{ text }]), most });
  return words.map((text) => ({ text, isPrefix: text.length <= longestPrefix || !isCommon(text) }));
}

function matching(database: Database, { table, match, most }: Query): readonly number[] {
  // one row with all of them takes half the time of a row for each
  const sql = `SELECT json_group_array(rowid) AS ids FROM (SELECT rowid FROM ${table} WHERE ${table} MATCH ? LIMIT ?)`;
  return JSON.parse(database.get<{ ids: string }>(sql, match, most)!.ids) as number[];
}

/** Whether a query finds more than are looked at. */
const isTooMuch = (database: Database, { table, match, most }: Query): boolean =>
  database.get(`SELECT 1 FROM ${table} WHERE ${table} MATCH ? LIMIT 1 OFFSET ?`, match, most) !== undefined;

/** The one whose whole name was typed: an owner's and its own. */
function exactly(database: Database, table: Table, name: string): readonly number[] {
  if (!name.includes('/')) return [];
  const sql = 'SELECT id FROM repository WHERE full_name = ? AND visibility = ?';
  const visibility: Visibility = table === 'public_text' ? 'public' : 'private';
  return database.all<{ id: number }>(sql, name, visibility).map(({ id }) => id);
}

/** The condition that an index of what is private finds only what a person may read. */
function readersOf(database: Database, userId: string): string {
  const readers = database.all<{ id: string }>(
    `SELECT organisation_id AS id FROM member WHERE user_id = ?1 AND role IN ('owner', 'editor')
     UNION ALL SELECT team_id FROM team_member WHERE user_id = ?1 LIMIT ${mostReaders}`,
    userId,
  );
  const ids = [userId, ...readers.map(({ id }) => id)];
  return ` AND ${anyOf(ids.map((text) => ({ text, mark: 'reader' })))}`;
}

/** Only what may be seen: decided here once more, by the records themselves. */
function rowsOf(database: Database, viewer: Viewer, ids: readonly number[]): readonly RepositorySummary[] {
  const visible = visibleTo(viewer, 2);
  // CROSS JOIN keeps SQLite from going through all that is public for the few that were found
  const { rows } = database.get<{ rows: string }>(
    `SELECT json_group_array(json_array(
              r.full_name, r.visibility, r.description, r.stars, r.pulls, r.updated_at)) AS rows
       FROM json_each(?1) found CROSS JOIN repository r ON r.id = found.value WHERE ${visible.sql}`,
    JSON.stringify(ids),
    ...visible.values,
  )!;
  return (JSON.parse(rows) as FoundColumns[]).map(
    ([name, visibility, description, stars, pulls, updatedAt]) => ({
      name,
      visibility,
      description,
      stars,
      pulls,
      updatedAt,
    }),
  );
}

type FoundColumns = [
  name: string,
  visibility: Visibility,
  description: string,
  stars: number,
  pulls: number,
  updatedAt: string,
];
