import type { Database } from '#state/database.ts';
import type { Actor } from '../access/actor.ts';
import type { Page, Visibility } from '../api/index.ts';
import type { RepositorySummary } from '../api/repositories.ts';
import { viewerOf } from '../records/index.ts';
import { visibleTo } from '../records/sqlite/visible.ts';
import { ranker } from './ranking.ts';
import { type SummaryRow, summaryOf } from './repositories.ts';
import { allOf, anyOf, longestPrefix, searched, type Term } from './search-words.ts';

/** So many are ranked and can be paged through; where more fit, these are the best by name, and the most popular. */
const mostFound = 100;
/** A person in more than this many accounts and teams finds what is theirs by these. */
const mostReaders = 500;
/** The most popular first. @see records/sqlite/schema.ts, `tier` */
const tiers = ['4', '3', '2', '1'].map((text) => allOf([{ text, mark: 'tier' }]));

interface FoundRow extends SummaryRow {
  readonly id: number;
}

/**
 * Repositories that fit what someone typed and that they may read, best first. `total` is at most 100.
 *
 * What is public and what is private is looked up apart: to a stranger, private repositories make no difference, not even in time.
 */
export function searchRepositories(
  database: Database,
  actor: Actor,
  {
    text,
    page,
    size,
    offset,
  }: { readonly text: string; readonly page: number; readonly size: number; readonly offset: number },
): Page<RepositorySummary> {
  const wanted = searched(text);
  if (wanted.words.length === 0) return { items: [], total: 0, page, size };
  const asking = searchingAs(actor);
  const sought = { name: wanted.name, terms: termsOf(database, wanted.words) };
  const ids = [
    ...gather(database, { table: 'public_text', ...sought, among: '' }),
    ...(asking.kind === 'stranger'
      ? []
      : gather(database, { table: 'private_text', ...sought, among: readersOf(database, asking) })),
  ];
  const rankOf = ranker(wanted);
  const found = rowsOf(database, asking, ids)
    .map((row) => ({ row, rank: rankOf(row) }))
    .sort((a, b) => b.rank - a.rank || (a.row.full_name < b.row.full_name ? -1 : 1))
    .slice(0, mostFound);
  const items = found.slice(offset, offset + size).map(({ row }) => summaryOf(row));
  return { items, total: found.length, page, size };
}

/** A token for some repositories is none to look around with; one for the catalogue is. */
export const searchingAs = (actor: Actor): Actor =>
  actor.scopes === undefined || actor.scopes.has('') ? actor : { kind: 'stranger', address: actor.address };

interface Gathering {
  readonly table: 'public_text' | 'private_text';
  readonly name: string;
  readonly terms: readonly Term[];
  /** A further condition of the full-text query. */
  readonly among: string;
}

/** Ids of what fits, at most `mostFound`. All of it where it is no more; otherwise by name first, and the most popular of each. */
function gather(database: Database, { table, name, terms, among }: Gathering): readonly number[] {
  const anywhere = allOf(terms);
  const all = matching(database, { table, match: `${anywhere}${among}`, most: mostFound + 1 });
  if (all.length <= mostFound) return all;
  const found = new Set(exactly(database, table, name));
  for (const isPrefix of [false, true]) {
    if (found.size >= mostFound) return [...found];
    const match = allOf(
      terms.map((term) => ({ ...term, mark: 'name', isPrefix: isPrefix && term.isPrefix })),
    );
    for (const id of best(database, { table, match, among })) found.add(id);
  }
  if (found.size < mostFound)
    for (const id of among === '' ? popular(database, { table, match: anywhere }) : all) found.add(id);
  return [...found];
}

interface Query extends Pick<Gathering, 'table' | 'among'> {
  readonly match: string;
}

/** All that a query finds; where that is too much, the most popular. What is a person's own is seldom so much, or popular. */
function best(database: Database, { table, match, among }: Query): readonly number[] {
  const all = matching(database, { table, match: `${match}${among}`, most: mostFound + 1 });
  if (all.length <= mostFound) return all;
  return among === '' ? popular(database, { table, match }) : all.slice(0, mostFound);
}

function popular(database: Database, { table, match }: Omit<Query, 'among'>): readonly number[] {
  const found: number[] = [];
  for (const tier of tiers) {
    const query = `${match} AND ${tier}`;
    found.push(...matching(database, { table, match: query, most: mostFound - found.length }));
    if (found.length >= mostFound) break;
  }
  return found;
}

/**
 * Words that begin with a long one are gathered when they are asked for, which takes long where there are many: then only it itself
 * is looked for. What is public alone decides that, for nobody is to learn what others' private repositories are about.
 */
function termsOf(database: Database, words: readonly string[]): readonly Term[] {
  const table = 'public_text';
  const isCommon = (text: string): boolean => isTooMuch(database, { table, match: allOf([{ text }]) });
  return words.map((text) => ({ text, isPrefix: text.length <= longestPrefix || !isCommon(text) }));
}

function matching(
  database: Database,
  {
    table,
    match,
    most,
  }: { readonly table: Gathering['table']; readonly match: string; readonly most: number },
): readonly number[] {
  // one row with all of them takes half the time of a row for each
  const sql = `SELECT json_group_array(rowid) AS ids FROM (SELECT rowid FROM ${table} WHERE ${table} MATCH ? LIMIT ?)`;
  return JSON.parse(database.get<{ ids: string }>(sql, match, most)!.ids) as number[];
}

/** Whether a query finds more than are looked at. */
const isTooMuch = (database: Database, { table, match }: Omit<Query, 'among'>): boolean =>
  database.get(`SELECT 1 FROM ${table} WHERE ${table} MATCH ? LIMIT 1 OFFSET ${mostFound}`, match) !==
  undefined;

/** The one whose whole name was typed: an owner's and its own. */
const exactly = (database: Database, table: Gathering['table'], name: string): readonly number[] => {
  if (!name.includes('/')) return [];
  return database
    .all<{ id: number }>(
      'SELECT id FROM repository WHERE full_name = ? AND visibility = ?',
      name,
      table === 'public_text' ? 'public' : 'private',
    )
    .map(({ id }) => id);
};

/** The condition that an index of what is private finds only what a person may read; administrators may all. */
function readersOf(database: Database, actor: Actor & { readonly kind: 'person' }): string {
  if (actor.isAdmin) return '';
  const readers = database.all<{ id: string }>(
    `SELECT organisation_id AS id FROM member WHERE user_id = ?1 AND role IN ('owner', 'editor')
     UNION ALL SELECT team_id FROM team_member WHERE user_id = ?1 LIMIT ${mostReaders}`,
    actor.id,
  );
  const ids = [actor.id, ...readers.map(({ id }) => id)];
  return ` AND ${anyOf(ids.map((text) => ({ text, mark: 'reader' })))}`;
}

/** Only what may be seen: decided here once more, by the records themselves. */
function rowsOf(database: Database, actor: Actor, ids: readonly number[]): readonly FoundRow[] {
  const visible = visibleTo(viewerOf(actor), 2);
  // CROSS JOIN keeps SQLite from going through all that is public for the few that were found
  const { rows } = database.get<{ rows: string }>(
    `SELECT json_group_array(json_array(
              r.id, r.full_name, r.visibility, r.description, r.stars, r.pulls, r.updated_at)) AS rows
       FROM json_each(?1) found CROSS JOIN repository r ON r.id = found.value WHERE ${visible.sql}`,
    JSON.stringify(ids),
    ...visible.values,
  )!;
  return (JSON.parse(rows) as FoundColumns[]).map(
    ([id, full_name, visibility, description, stars, pulls, updated_at]) => ({
      id,
      full_name,
      visibility,
      description,
      stars,
      pulls,
      updated_at,
    }),
  );
}

type FoundColumns = [
  id: number,
  full_name: string,
  visibility: Visibility,
  description: string,
  stars: number,
  pulls: number,
  updated_at: string,
];
