/** How many lines of a step's output are kept, and how long a line may be. */
const keptLines = 200;
const keptColumns = 4096;

/** The last lines that a step wrote, made safe for a terminal. */
export class LogLines {
  /** Whole lines. */
  readonly lines: string[] = [];
  /** How many whole lines there were, with those no longer kept. */
  count = 0;
  /** The line that is not ended. */
  open = '';
  #decoder = new TextDecoder();

  /** @param data base64 */
  push(data: string): void {
    const text = atob(data);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    this.#text(this.#decoder.decode(bytes, { stream: true }));
  }

  #text(text: string): void {
    const lines = (this.open + text).split('\n');
    this.open = (lines.pop() ?? '').slice(-keptColumns);
    for (const line of lines) this.#line(line);
  }

  /** A line without its end is one, once nothing more comes. */
  end(): void {
    if (this.open !== '') this.#line(this.open);
    this.open = '';
  }

  #line(line: string): void {
    this.lines.push(plainLine(line).slice(0, keptColumns));
    this.count += 1;
    if (this.lines.length > keptLines) this.lines.shift();
  }

  /** The last so many lines, with the one that is not ended. */
  last(most: number): readonly string[] {
    const open = plainLine(this.open);
    const all = open === '' ? this.lines : [...this.lines, open];
    return all.slice(-most);
  }
}

/**
 * A line as it stands on a terminal in the end: what a carriage return wrote over is gone, colours and other control
 * sequences are left out.
 *
 * @see ECMA-48
 */
export function plainLine(line: string): string {
  const visible = line
    .replace(/\r+$/, '')
    .split('\r')
    .filter((part) => part !== '')
    .at(-1);
  if (visible === undefined) return '';
  return visible
    .replace(/\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])/g, '')
    .replaceAll('\t', '        ')
    .replace(/[\x00-\x1f\x7f-\x9f]/g, '');
}
