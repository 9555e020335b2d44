/**
 * container: Docker's container, on top of the rooms below: a record with a life (life.ts), a snapshot as its root, a
 * sandbox of networks, and while it runs a task.
 *
 * Nouns: Container, record (what was asked for) and state (what became of it), exec, attachment, restart policy.
 *
 *     const containers = openContainers({ database, paths, images, snapshotter, networks, runtime, volumes, … });
 *     await containers.restore();
 *     const { Id } = await containers.life.create({ config: { Image: 'busybox', Cmd: ['true'] } });
 *     const exit = containers.life.wait(Id, 'next-exit');
 *     await containers.life.start(Id);
 *
 * One writer per container: a keyed lock over check, act, record. Record, then tell. Called by the engine and, through
 * it, the server.
 */
export * from './containers.ts';
export { type CrashPoint, crashPoints } from './crash-points.ts';
export { type ContainersOptions, openContainers } from './open.ts';
export type { HostFacts } from './spec/host.ts';
