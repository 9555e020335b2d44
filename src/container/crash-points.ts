/**
 * Every place where a crash leaves a container half-made, in the order they are passed: what a test kills the daemon at.
 */
export const crashPoints = {
  create: ['container.create:snapshot', 'container.create:volumes', 'container.create:recorded'],
  start: [
    'container.start:mounted',
    'container.start:network',
    'container.start:created',
    'container.start:started',
    'container.start:recorded',
  ],
  stop: ['container.stop:signalled', 'container.exit:recorded', 'container.exit:released'],
  remove: [
    'container.remove:recorded',
    'container.remove:snapshot',
    'container.remove:files',
    'container.remove:deleted',
  ],
} as const;

export type CrashPoint = (typeof crashPoints)[keyof typeof crashPoints][number];
