/**
 * build: Dockerfile → stages → a graph of steps, cached by content → image.
 *
 * Nouns: Builds (what the engine has one of), build (a request under way, or one that was), context (the files a client
 * sends, by content), stage, instruction, step (an instruction that makes a layer), key (the digest of a step's inputs),
 * place (where a step stands, so that a miss can be explained), vertex (a step as people see it), output.
 *
 *     const { id } = await builds.contexts.receive(tar);
 *     for await (const event of builds.build({ context: { kind: 'sent', id }, tags: ['web'] })) …
 *
 * `dockerfile/` parses and expands, `checks/` finds fault, `context/` keeps files, `solve/` walks stages and finds or makes
 * each step, `copy/` and `run/` make layers, `cache/` remembers them, `export/` hands over what came out, `history/` keeps what builds told.
 * Called by the engine, whose edges are the classic `POST /build` and the builder's own.
 */
export * from './builds.ts';
export type { CachePolicy } from './cache/policy.ts';
export { type BuildsOptions, openBuilds } from './open.ts';
export { changedConfig } from './solve/changed-config.ts';
