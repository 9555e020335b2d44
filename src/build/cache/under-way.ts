/** When the builds that are under way began: what was used since is in use. */
export class BuildsUnderWay {
  readonly #begun = new Set<{ readonly at: string }>();

  /** Counts a build until it is disposed of. */
  begin(at: Date): Disposable {
    const build = { at: at.toISOString() };
    this.#begun.add(build);
    return { [Symbol.dispose]: () => void this.#begun.delete(build) };
  }

  /** RFC 3339: when the first of them began; undefined when there is none. */
  get since(): string | undefined {
    let since: string | undefined;
    for (const { at } of this.#begun) if (since === undefined || at < since) since = at;
    return since;
  }
}
