/** Puts variables into an instruction's words. */
export interface Expander {
  /** One word. @throws {EngineError} `invalid`: `failed to process "${x:?}": …` */
  word(text: string): string;
  /** A text that may become several words. */
  words(text: string): readonly string[];
  /** A document: no quotes are taken away. */
  document(text: string): string;
}
