import { buildEvents } from '#client/build/history.ts';
import { findBuild } from '../../build/history/find-build.ts';
import { inspectText } from '../../build/history/inspect-text.ts';
import { BuildModel } from '../../build/progress/model.ts';
import { atMost, command as define, Failure } from '../../command.ts';
import { text } from '../../flags.ts';

export const command = define({
  usage: 'build history inspect [OPTIONS] [BUILD]',
  about: 'Show all about a build: steps, times, why they were not cached',
  flags: { format: text('"text" or "json"', { initial: 'text' }) },
  args: atMost(1),
  run: async (cli, { flags: { format }, args: [reference] }) => {
    if (format !== 'text' && format !== 'json')
      throw new Failure(`unsupported format ${JSON.stringify(format)}`);
    const build = await findBuild(cli.daemon, reference);
    const model = new BuildModel();
    for await (const event of buildEvents(cli.daemon, build.id)) model.apply(event);
    if (format === 'text') return cli.out(inspectText(build, model, Date.now()));
    const steps = model.begun.map(({ vertex, outcome, milliseconds, bytes, reason, error }) => ({
      ...vertex,
      ...{ outcome, milliseconds, bytes, reason, error },
    }));
    const { warnings, failure } = model;
    await cli.out(`${JSON.stringify({ ...build, stepsInOrder: steps, warnings, failure }, undefined, 4)}\n`);
  },
});
