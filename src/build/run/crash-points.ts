/** Every place where a crash leaves a step half-made, in the order they are passed: what a test kills the daemon at. */
export const runCrashPoints = [
  'build.run:recorded',
  'build.run:snapshot',
  'build.run:mounts',
  'build.run:created',
  'build.run:started',
  'build.run:ended',
  'build.run:stored',
] as const;
