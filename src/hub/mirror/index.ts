/**
 * hub/mirror: a pull-through cache of another registry, with its credentials and limits of its own.
 *
 *     await using mirror = await Mirror.open({ upstream: 'https://registry-1.docker.io', … });
 *     serveAreas([mirror.area], …);            // an engine: `--registry-mirror http://127.0.0.1:5001`
 *
 * Called by the program, which gives it an address of its own.
 */
export { Mirror, type MirrorOptions } from './mirror.ts';
export type { MirrorLimits } from './mirror-store.ts';
