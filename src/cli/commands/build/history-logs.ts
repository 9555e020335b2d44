import { buildEvents } from '#client/build/history.ts';
import { findBuild } from '../../build/history/find-build.ts';
import { BuildModel } from '../../build/progress/model.ts';
import { PlainText } from '../../build/progress/plain.ts';
import { endText } from '../../build/progress/summary.ts';
import { atMost, command as define, Failure } from '../../command.ts';
import { text } from '../../flags.ts';

export const command = define({
  usage: 'build history logs [OPTIONS] [BUILD]',
  about: 'Print what a build told',
  flags: { progress: text('Set type of progress output ("plain", "rawjson")', { initial: 'plain' }) },
  args: atMost(1),
  run: async (cli, { flags: { progress }, args: [reference] }) => {
    if (progress !== 'plain' && progress !== 'rawjson')
      throw new Failure(`unsupported progress ${JSON.stringify(progress)}`);
    const { id } = await findBuild(cli.daemon, reference);
    const model = new BuildModel();
    const plain = new PlainText(model, undefined);
    for await (const event of buildEvents(cli.daemon, id)) {
      model.apply(event);
      await cli.out(progress === 'plain' ? plain.show(event) : `${JSON.stringify(event)}\n`);
    }
    if (progress === 'plain') await cli.out(endText(model, { debug: true, colour: false }));
  },
});
