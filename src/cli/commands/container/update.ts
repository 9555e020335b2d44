import { updateContainer } from '#client/container/update.ts';
import { atLeast, command as define, Failure, forEach } from '../../command.ts';
import { limitFlags } from '../../container-spec/flags.ts';
import { limitsOf, parseRestart } from '../../container-spec/limits.ts';
import { text } from '../../flags.ts';

export const command = define({
  usage: 'update [OPTIONS] CONTAINER [CONTAINER...]',
  about: 'Update configuration of one or more containers',
  aliases: ['container update', 'update'],
  flags: {
    ...limitFlags,
    'kernel-memory': { ...limitFlags['kernel-memory'], hidden: true },
    'cpu-rt-period': {
      ...limitFlags['cpu-rt-period'],
      usage: 'Limit the CPU real-time period in microseconds',
    },
    'cpu-rt-runtime': {
      ...limitFlags['cpu-rt-runtime'],
      usage: 'Limit the CPU real-time runtime in microseconds',
    },
    'memory-swap': {
      ...limitFlags['memory-swap'],
      usage: 'Swap limit equal to memory plus swap: -1 to enable unlimited swap',
    },
    restart: text('Restart policy to apply when a container exits'),
  },
  args: atLeast(1),
  run: async (cli, { flags, args, given }) => {
    if (given.size === 0) throw new Failure('you must provide one or more flags when using this command');
    const { PidsLimit, ...limits } = limitsOf(flags);
    const warnings: string[] = [];
    const restart = { RestartPolicy: parseRestart(flags.restart) };
    const change = { ...limits, ...(given.has('pids-limit') && { PidsLimit: PidsLimit ?? 0 }), ...restart };
    await forEach(cli, args, {
      act: async (id) => {
        warnings.push(...((await updateContainer(cli.daemon, id, change)).Warnings ?? []));
        return id;
      },
    });
    if (warnings.length > 0) await cli.out(warnings.join('\n'));
  },
});
