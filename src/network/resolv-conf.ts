/** What a container asks for in place of the host's own: `--dns`, `--dns-search`, `--dns-option`. */
export interface ResolverOptions {
  readonly servers?: readonly string[];
  /** `['.']`: no search list at all. */
  readonly search?: readonly string[];
  readonly options?: readonly string[];
  /** Whether the container can reach IPv6 addresses. */
  readonly ipv6?: boolean;
  /** The container is in the host's network, where the host's loopback servers answer. */
  readonly hostNetwork?: boolean;
}

/** Who answers when the host names nobody whom a container can reach, as Docker has it. */
const fallbackServers = ['8.8.8.8', '8.8.4.4'];
const fallbackServersIpv6 = ['2001:4860:4860::8888', '2001:4860:4860::8844'];

/** systemd-resolved's stub and, behind it, the file with the real servers. */
const STUB = '127.0.0.53';
export const hostResolvConf = '/etc/resolv.conf';
export const resolvedResolvConf = '/run/systemd/resolve/resolv.conf';

/** Whether the host's file names systemd-resolved's stub alone, so that `resolvedResolvConf` is the one to go by. */
export function namesOnlyStub(hostText: string): boolean {
  const servers = valuesOf(hostText, 'nameserver');
  return servers.length > 0 && servers.every(([server]) => server === STUB);
}

/**
 * The text of a container's `/etc/resolv.conf`, by Docker's rules: what was asked for, else what the host has, without
 * servers that the container cannot reach (loopback; IPv6 when it has none), and public ones when none is left.
 */
export function resolvConf(hostText: string, asked: ResolverOptions = {}): string {
  const servers = asked.servers?.length ? asked.servers : reachable(hostText, asked);
  const search = asked.search?.length ? asked.search : (valuesOf(hostText, 'search|domain').at(-1) ?? []);
  const options = asked.options?.length ? asked.options : valuesOf(hostText, 'options').flat();
  const lines = servers.map((server) => `nameserver ${server}`);
  if (search.length > 0 && !(search.length === 1 && search[0] === '.'))
    lines.push(`search ${search.join(' ')}`);
  if (options.length > 0) lines.push(`options ${options.join(' ')}`);
  return `${lines.join('\n')}\n`;
}

function reachable(
  hostText: string,
  { ipv6 = false, hostNetwork = false }: ResolverOptions,
): readonly string[] {
  const servers = valuesOf(hostText, 'nameserver').flatMap(([server]) =>
    server === undefined ? [] : [server],
  );
  if (hostNetwork) return servers;
  const left = servers.filter((server) => !isLoopback(server) && (ipv6 || !server.includes(':')));
  if (left.length > 0) return left;
  return ipv6 ? [...fallbackServers, ...fallbackServersIpv6] : fallbackServers;
}

const isLoopback = (server: string): boolean => /^127\.|^::1(%|$)/.test(server);

/** The words after each line's keyword, comments left out. */
function valuesOf(text: string, keyword: string): string[][] {
  const pattern = new RegExp(`^\\s*(?:${keyword})\\s+(.*)$`);
  return text
    .split('\n')
    .map((line) => pattern.exec(line.replace(/[#;].*$/, ''))?.[1])
    .filter((rest) => rest !== undefined)
    .map((rest) => rest.trim().split(/\s+/).filter(Boolean));
}
