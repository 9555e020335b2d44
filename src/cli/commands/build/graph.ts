import { buildEvents } from '#client/build/history.ts';
import { graphSvg } from '../../build/graph/svg.ts';
import { findBuild } from '../../build/history/find-build.ts';
import { BuildModel } from '../../build/progress/model.ts';
import { atMost, command as define, Failure } from '../../command.ts';
import { text } from '../../flags.ts';
import * as platform from '../../platform.ts';

export const command = define({
  usage: 'build graph [OPTIONS] [BUILD]',
  about: 'Draw the steps of a build as an SVG, the slowest path marked',
  flags: { output: text('Write to a file, instead of STDOUT', { short: 'o' }) },
  args: atMost(1),
  run: async (cli, { flags: { output }, args: [reference] }) => {
    if (output === '' && platform.stdout.isTerminal)
      throw new Failure('cowardly refusing to write a picture to a terminal. Use the -o flag or redirect');
    const { id, name } = await findBuild(cli.daemon, reference);
    const model = new BuildModel();
    for await (const event of buildEvents(cli.daemon, id)) model.apply(event);
    const svg = new TextEncoder().encode(graphSvg(model, name === '' ? id : name));
    if (output === '' || output === '-') return cli.out(svg);
    await platform.writeFile(output, only(svg));
  },
});

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes;
}
