import { inspectContainer } from '#client/container/inspect.ts';
import { between, command as define, Failure } from '../../command.ts';
import { hostPort } from '../../format/ports.ts';

export const command = define({
  usage: 'port CONTAINER [PRIVATE_PORT[/PROTO]]',
  about: 'List port mappings or a specific mapping for the container',
  aliases: ['container port', 'port'],
  flags: {},
  args: between(1, 2),
  run: async (cli, { args: [id = '', wanted] }) => {
    const { NetworkSettings } = await inspectContainer(cli.daemon, id);
    const ports = NetworkSettings.Ports ?? {};
    if (wanted !== undefined) {
      const [port = '', protocol = 'tcp'] = wanted.split('/', 2);
      if (!/^\d+$/.test(port)) {
        throw new Failure(
          `Error: invalid port (${port}): ${`strconv.ParseUint: parsing ${JSON.stringify(port)}: invalid syntax`}`,
        );
      }
      const bindings = ports[`${port}/${protocol}`];
      if (!bindings) throw new Failure(`Error: No public port '${wanted}' published for ${id}`);
      return cli.out(
        bindings.map(({ HostIp = '', HostPort = '' }) => `${hostPort(HostIp, HostPort)}\n`).join(''),
      );
    }
    const lines = Object.entries(ports).flatMap(([port, bindings]) =>
      (bindings ?? []).map(({ HostIp = '', HostPort = '' }) => `${port} -> ${hostPort(HostIp, HostPort)}`),
    );
    await cli.out(
      lines
        .sort(byPort)
        .map((line) => `${line}\n`)
        .join(''),
    );
  },
});

/** Numbers within texts count as numbers. */
const byPort = (a: string, b: string) =>
  Number.parseInt(a, 10) - Number.parseInt(b, 10) || (a < b ? -1 : a > b ? 1 : 0);
