/** The values of a stream of JSON texts, whether or not each is on a line of its own. */
export async function* jsonValues<T>(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<T, void, void> {
  for await (const text of jsonTexts(bytes)) yield JSON.parse(text) as T;
}

/** The texts of such a stream: for who wants the digits of numbers that a double has not. */
export async function* jsonTexts(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder();
  const cutter = new JsonCutter();
  for await (const chunk of bytes) yield* cutter.push(decoder.decode(chunk, { stream: true }));
  const rest = cutter.rest.trim();
  if (rest !== '') yield rest;
}

/** Cuts a text that arrives in pieces into whole top-level JSON objects and arrays. */
export class JsonCutter {
  rest = '';
  #at = 0;
  #depth = 0;
  #quoted = false;

  push(text: string): string[] {
    this.rest += text;
    const whole: string[] = [];
    let start = 0;
    for (; this.#at < this.rest.length; this.#at++) {
      const code = this.rest.charCodeAt(this.#at);
      if (this.#quoted) {
        if (code === 92) this.#at++;
        else if (code === 34) this.#quoted = false;
      } else if (code === 34) this.#quoted = true;
      else if (code === 123 || code === 91) this.#depth++;
      else if ((code === 125 || code === 93) && --this.#depth === 0) {
        whole.push(this.rest.slice(start, this.#at + 1));
        start = this.#at + 1;
      }
    }
    this.rest = this.rest.slice(start);
    this.#at -= start;
    return whole;
  }
}
