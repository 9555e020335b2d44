import { listBuilds, removeBuild } from '#client/build/history.ts';
import { newestFirst, pickBuild } from '../../build/history/find-build.ts';
import { atLeast, command as define, Failure, forEach } from '../../command.ts';
import { bool } from '../../flags.ts';

export const command = define({
  usage: 'build history rm [OPTIONS] [BUILD...]',
  about: 'Forget builds',
  flags: { all: bool('Forget all that have ended') },
  args: atLeast(0),
  run: async (cli, { flags: { all }, args }) => {
    if (!all && args.length === 0) throw new Failure('rm requires at least one argument');
    if (all && args.length > 0) throw new Failure('rm accepts no arguments with --all');
    const builds = newestFirst(await listBuilds(cli.daemon));
    const ended = builds.filter(({ outcome }) => outcome !== 'running').map(({ id }) => id);
    return forEach(cli, all ? ended : args, {
      act: async (reference) => {
        const { id } = pickBuild(builds, reference);
        await removeBuild(cli.daemon, id);
        return id;
      },
    });
  },
});
