import { cancelBuild } from '#client/build/cancel.ts';
import { listBuilds } from '#client/build/history.ts';
import { pickBuild } from '../../build/history/find-build.ts';
import { atLeast, command as define, forEach } from '../../command.ts';

export const command = define({
  usage: 'build cancel BUILD [BUILD...]',
  about: 'Stop builds under way at once',
  flags: {},
  args: atLeast(1),
  run: async (cli, { args }) => {
    const running = (await listBuilds(cli.daemon)).filter(({ outcome }) => outcome === 'running');
    return forEach(cli, args, {
      act: async (reference) => {
        const { id } = pickBuild(running, reference);
        await cancelBuild(cli.daemon, id);
        return id;
      },
    });
  },
});
