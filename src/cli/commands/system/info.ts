import type { SystemInfo } from '#api/index.ts';
import { daemonInfo } from '#client/system/info.ts';
import { command as define, exactly, Failure } from '../../command.ts';
import { jsonFormat } from '../../format/format-flags.ts';
import { infoText } from '../../format/info-text.ts';
import { hoistVersion } from '../../version.ts';

export const command = define({
  usage: 'info [OPTIONS]',
  about: 'Display system-wide information',
  aliases: ['system info', 'info'],
  flags: { format: jsonFormat(true) },
  args: exactly(0),
  run: async (cli, { flags: { format } }) => {
    const { info, failure } = await daemonInfo(cli.daemon).then(
      (info): { info?: SystemInfo; failure?: Error } => ({ info }),
      (failure: Error): { info?: SystemInfo; failure?: Error } => ({ failure }),
    );
    if (format === '') {
      const client = `Client:\n Version:    ${hoistVersion}\n Context:    default\n Debug Mode: ${cli.debug}\n`;
      await cli.out(`${client}\nServer:\n${info === undefined ? '' : `${infoText(info)}\n`}`);
      if (info !== undefined) for (const warning of info.Warnings ?? []) await cli.err(`${warning}\n`);
    } else {
      const { shown } = await import('../../format/shown.ts');
      const ClientInfo = {
        Debug: cli.debug,
        Version: hoistVersion,
        Context: 'default',
        Plugins: [],
        Warnings: null,
      };
      const errors = failure === undefined ? {} : { ServerErrors: [failure.message] };
      await cli.out(`${shown({ ...(info ?? {}), ...errors, ClientInfo }, format)}\n`);
      if (failure !== undefined && format === 'json') return;
    }
    if (failure !== undefined) throw new Failure(failure.message);
  },
});
