import { openEngine } from '#engine/index.ts';
import { testConfig, untilPrinted } from './container-fixture.ts';

/**
 * An engine to be killed at a step, named by HOIST_CRASH_AT: it brings a container as far as the verb says.
 *
 *     node container-victim.ts ROOT create|start|stop|remove
 */
const [root = '', verb = ''] = process.argv.slice(2);
const engine = await openEngine({ ...testConfig(root), liveRestore: true });
const { life } = engine.containers;
await life.create({
  name: 'victim',
  config: {
    Image: 'busybox',
    Cmd: ['sh', '-c', 'trap "exit 7" TERM; echo up; while true; do sleep 0.05; done'],
    Volumes: { '/scratch': {} },
  },
});
if (verb !== 'create') await life.start('victim');
if (verb === 'stop') {
  await untilPrinted(engine, 'victim', 'up');
  await life.stop('victim');
}
if (verb === 'remove') await life.remove('victim', { force: true, volumes: true });
process.stdout.write('survived\n');
await engine.close();
