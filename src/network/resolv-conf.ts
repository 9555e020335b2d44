import { isIP } from 'node:net';

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
  /** The engine itself answers, and asks the servers: `nameServers`. */
  readonly embedded?: boolean;
}

/** A server that the engine asks for a container. */
export interface NameServer {
  readonly address: string;
  /** It is asked in the container's network namespace: a loopback address that was given for the container is its own. */
  readonly inside: boolean;
}

/** Where the engine answers. */
const EMBEDDED = '127.0.0.11';

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
  const servers = asked.embedded ? [EMBEDDED] : (given(asked) ?? reachable(hostText, asked));
  const search = asked.search?.length ? asked.search : (valuesOf(hostText, 'search|domain').at(-1) ?? []);
  const own = asked.options?.length ? asked.options : valuesOf(hostText, 'options').flat();
  // As dockerd has it: what has no dot is asked as it is first, for it may be a container.
  const isPlain = asked.embedded && !own.some((option) => option.startsWith('ndots:'));
  const options = isPlain ? [...own, 'ndots:0'] : own;
  const lines = servers.map((server) => `nameserver ${server}`);
  if (search.length > 0 && !(search.length === 1 && search[0] === '.'))
    lines.push(`search ${search.join(' ')}`);
  if (options.length > 0) lines.push(`options ${options.join(' ')}`);
  return `${lines.join('\n')}\n`;
}

/**
 * Whom the engine asks for a container on a network of a user, by the same rules. The host's loopback servers are among
 * them, since the engine asks from there; the engine itself is not.
 */
export function nameServers(hostText: string, asked: ResolverOptions = {}): NameServer[] {
  const own = given(asked)?.filter((address) => isIP(address) !== 0 && address !== EMBEDDED);
  if (own !== undefined) return own.map((address) => ({ address, inside: isLoopback(address) }));
  const hosts = reachable(hostText, { hostNetwork: true }).filter((address) => isIP(address) !== 0);
  return (hosts.length > 0 ? hosts : fallbackServers).map((address) => ({ address, inside: false }));
}

const given = ({ servers }: ResolverOptions): readonly string[] | undefined =>
  servers?.length ? servers : undefined;

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
