/** What a container's `/etc/hosts` tells. */
export interface HostsFile {
  readonly hostname: string;
  readonly domainname?: string;
  /** The container's own addresses, as text; none for a container without network. */
  readonly addresses: readonly string[];
  /** `--add-host`: `name:address` or `name=address`. */
  readonly extraHosts?: readonly string[];
  /** What the name `host-gateway` in an extra host stands for. */
  readonly hostGateway?: string;
}

const localhost = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::\tip6-localnet',
  'ff00::\tip6-mcastprefix',
  'ff02::1\tip6-allnodes',
  'ff02::2\tip6-allrouters',
];

/** The text of `/etc/hosts`: localhost, the extra hosts in their order, then the container itself. */
export function hostsFile(file: HostsFile): string {
  const lines = [...localhost, ...extraLines(file), ...ownLines(file)];
  return `${lines.join('\n')}\n`;
}

/** The host's own file, for a container in the host's network, with the extra hosts after it. */
export function hostsFileOfHost(
  hostText: string,
  file: Pick<HostsFile, 'extraHosts' | 'hostGateway'>,
): string {
  const end = hostText === '' || hostText.endsWith('\n') ? '' : '\n';
  return `${hostText}${end}${extraLines(file)
    .map((line) => `${line}\n`)
    .join('')}`;
}

function extraLines({
  extraHosts = [],
  hostGateway,
}: Pick<HostsFile, 'extraHosts' | 'hostGateway'>): string[] {
  return extraHosts.flatMap((entry) => {
    const [, name, address] = /^([^:=]+)[:=](.*)$/.exec(entry) ?? [];
    if (name === undefined || address === undefined) return [];
    const meant = address === 'host-gateway' ? hostGateway : address.replace(/^\[(.*)\]$/, '$1');
    return meant === undefined ? [] : [`${meant}\t${name}`];
  });
}

/** The lines that name a container's own addresses. */
export function ownLines({
  hostname,
  domainname,
  addresses,
}: Pick<HostsFile, 'hostname' | 'domainname' | 'addresses'>): string[] {
  if (hostname === '') return [];
  const names = domainname ? `${hostname}.${domainname} ${hostname}` : hostname;
  return addresses.map((address) => `${address}\t${names}`);
}

/** A container's file, whatever it has made of it, with other addresses of its own: the rest stays. */
export function withAddresses(
  text: string,
  { hostname, domainname, addresses }: Pick<HostsFile, 'hostname' | 'domainname' | 'addresses'>,
  before: readonly string[],
): string {
  const own = { hostname, ...(domainname === undefined ? {} : { domainname }) };
  const old = new Set(ownLines({ ...own, addresses: before }));
  const rest = text.split('\n').filter((line) => !old.has(line));
  while (rest.at(-1) === '') rest.pop();
  return `${[...rest, ...ownLines({ ...own, addresses })].join('\n')}\n`;
}
