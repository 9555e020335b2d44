import type { SystemVersion } from '#api/index.ts';
import { apiVersion } from '#api/version.ts';
import { daemonVersion } from '#client/system/version.ts';
import { type Cli, command as define, exactly, Failure } from '../../command.ts';
import { jsonFormat } from '../../format/format-flags.ts';
import * as platform from '../../platform.ts';
import { hoistVersion } from '../../version.ts';

export const command = define({
  usage: 'version [OPTIONS]',
  about: 'Show the Hoist version information',
  flags: { format: jsonFormat(true) },
  args: exactly(0),
  run: async (cli, { flags: { format } }) => {
    const { server, failure } = await daemonVersion(cli.daemon).then(
      (server) => ({ server, failure: undefined }),
      (failure: Error) => ({ server: undefined, failure }),
    );
    const client = clientVersion(cli);
    if (format === '') await cli.out(clientText(client) + (server === undefined ? '' : serverText(server)));
    else {
      const { shown } = await import('../../format/shown.ts');
      await cli.out(`${shown({ Client: client, ...(server && { Server: server }) }, format)}\n`);
    }
    if (failure !== undefined) throw new Failure(failure.message);
  },
});

interface ClientVersion {
  readonly Version: string;
  readonly ApiVersion: string;
  readonly DefaultAPIVersion: string;
  readonly GitCommit: string;
  readonly GoVersion: string;
  readonly Os: string;
  readonly Arch: string;
  readonly BuildTime: string;
  readonly Context: string;
}

function clientVersion({ daemon }: Cli): ClientVersion {
  return {
    Version: hoistVersion,
    ApiVersion: daemon.version,
    DefaultAPIVersion: apiVersion,
    GitCommit: '',
    GoVersion: platform.runtimeVersion(),
    Os: platform.platformName(),
    Arch: goArch(platform.architecture()),
    BuildTime: '',
    Context: 'default',
  };
}

const goArch = (arch: string) => ({ x64: 'amd64', ia32: '386' })[arch] ?? arch;

function clientText(client: ClientVersion): string {
  const downgraded =
    client.ApiVersion === client.DefaultAPIVersion ? '' : ` (downgraded from ${client.DefaultAPIVersion})`;
  return `Client:
 Version:           ${client.Version}
 API version:       ${client.ApiVersion}${downgraded}
 Runtime version:   ${client.GoVersion}
 OS/Arch:           ${client.Os}/${client.Arch}
 Context:           ${client.Context}
`;
}

function serverText({ Platform, Components }: SystemVersion): string {
  return `\nServer:${Platform.Name && ` ${Platform.Name}`}\n${Components.map(componentText).join('')}`;
}

function componentText({ Name, Version, Details = {} }: SystemVersion['Components'][number]): string {
  const line = (label: string, value: string) => `  ${`${label}:`.padEnd(17)} ${value}\n`;
  const start = ` ${Name}:\n${line('Version', Version)}`;
  if (Name !== 'Engine') return start + line('GitCommit', Details['GitCommit'] ?? '');
  const detail = (name: string) => Details[name] ?? '';
  return (
    start +
    line('API version', `${detail('ApiVersion')} (minimum version ${detail('MinAPIVersion')})`) +
    line('Go version', detail('GoVersion')) +
    line('Git commit', detail('GitCommit')) +
    line('Built', buildTime(detail('BuildTime'))) +
    line('OS/Arch', `${detail('Os')}/${detail('Arch')}`) +
    line('Experimental', detail('Experimental'))
  );
}

/** A date as C's `asctime` has it; what is no date is left as it is. */
function buildTime(text: string): string {
  const time = new Date(text);
  if (!/^\d{4}-/.test(text) || Number.isNaN(time.getTime())) return text;
  const [day = '', date = '', month, year, clock] = time.toUTCString().split(' ');
  return `${day.replace(',', '')} ${month} ${String(Number(date)).padStart(2)} ${clock} ${year}`;
}
