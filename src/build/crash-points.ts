/**
 * Where a crash leaves a build half-made, in the order they are passed: what a test kills the daemon at. Those of a step's
 * process are in `run/crash-points.ts`, of an image in the image's room.
 */
export const buildCrashPoints = [
  'build.step:made',
  'build.step:recorded',
  'build:solved',
  'build:written',
  'build:recorded',
] as const;
