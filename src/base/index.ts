/**
 * base: what every room stands on, and nothing of containers.
 *
 * Nouns: EngineError (one of a closed set of kinds), KeyedLock, replaceFile, Log, undone, crashPoint.
 *
 *     if (row === undefined) throw notFound('container', name);
 *
 * Called by every room; imports none.
 */
export * from './crash-point.ts';
export * from './errors.ts';
export * from './id.ts';
export * from './keyed-lock.ts';
export * from './log.ts';
export * from './replace-file.ts';
export * from './undo.ts';
