/** What words begin with in the index that are no text. @see schema.ts, public_text */
export type Mark = 'name' | 'tier' | 'reader';
const marks: Readonly<Record<Mark, string>> = { name: '\ue000', tier: '\ue001', reader: '\ue002' };

/** The longest beginnings that the index has by themselves, a mark counted. @see schema.ts, `prefix` */
export const longestPrefix = 7;

export interface Term {
  readonly text: string;
  readonly mark?: Mark;
  /** Also words that begin with it. */
  readonly isPrefix?: boolean;
}

/** Terms of a full-text query, each in quotes, so that nothing of them is read as the query's language. */
export const allOf = (terms: readonly Term[]): string => `(${terms.map(quoted).join(' AND ')})`;
export const anyOf = (terms: readonly Term[]): string => `(${terms.map(quoted).join(' OR ')})`;

const quoted = ({ text, mark, isPrefix = false }: Term): string =>
  `"${mark === undefined ? '' : marks[mark]}${text.replaceAll('"', '""')}"${isPrefix ? '*' : ''}`;
