import { openStepBench, runScript } from './build-run-fixture.ts';

/** A step with mounts of every kind, on an engine to be killed where HOIST_CRASH_AT says. */
const bench = await openStepBench(process.argv[2]);
const from = { layers: bench.base };
const owner = { mode: 0o700, uid: 0, gid: 0 };
await runScript(bench, 'echo x > /data/x; sleep 0.1', {
  network: 'default',
  mounts: [
    { type: 'bind', target: '/m/ro', source: '/data', writable: false, from },
    { type: 'bind', target: '/m/rw', source: '/', writable: true, from },
    { type: 'cache', target: '/m/cache', id: 'c', sharing: 'locked', readonly: false, source: '/', ...owner },
    { type: 'tmpfs', target: '/m/tmp' },
    { type: 'secret', id: 's', content: Buffer.from('s'), ...owner },
    { type: 'ssh', id: 'default', connect: () => Promise.reject(new Error('no agent')), ...owner },
  ],
});
process.stdout.write('survived\n');
await bench[Symbol.asyncDispose]();
