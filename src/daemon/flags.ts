/** What a flag's value is: `list` may be given often, `map` and `ulimits` too, each time `key=value`. */
export type FlagKind = 'text' | 'switch' | 'number' | 'bytes' | 'list' | 'map' | 'ulimits';

export interface Flag {
  readonly name: string;
  readonly short?: string;
  readonly kind: FlagKind;
  /** Its key in daemon.json where that is not the flag's name; null for a flag that has none. */
  readonly key?: string | null;
  readonly help: string;
  /** As the help shows it. */
  readonly standard?: string;
}

/** The flags of dockerd that apply, and ours. */
export const flags: readonly Flag[] = [
  { name: 'bip', kind: 'text', help: 'IPv4 address for the default bridge' },
  {
    name: 'bridge',
    short: 'b',
    kind: 'text',
    help: 'Attach containers to a network bridge',
    standard: '"hoist0"',
  },
  { name: 'cgroup-parent', kind: 'text', help: 'Set parent cgroup for all containers', standard: '"/hoist"' },
  {
    name: 'config-file',
    kind: 'text',
    key: null,
    help: 'Daemon configuration file',
    standard: '"/etc/hoist/daemon.json"',
  },
  {
    name: 'data-root',
    kind: 'text',
    help: 'Root directory of persistent state',
    standard: '"/var/lib/hoist"',
  },
  { name: 'debug', short: 'D', kind: 'switch', help: 'Enable debug mode' },
  {
    name: 'default-cgroupns-mode',
    kind: 'text',
    help: 'Default mode for containers cgroup namespace ("host" | "private")',
  },
  {
    name: 'default-ipc-mode',
    kind: 'text',
    help: 'Default mode for containers ipc ("shareable" | "private")',
    standard: '"private"',
  },
  { name: 'default-runtime', kind: 'text', help: 'Default runtime for containers', standard: '"native"' },
  { name: 'default-shm-size', kind: 'bytes', help: 'Default shm size for containers', standard: '64MiB' },
  { name: 'default-ulimit', kind: 'ulimits', key: 'default-ulimits', help: 'Default ulimits for containers' },
  { name: 'dns', kind: 'list', help: 'DNS server to use' },
  { name: 'dns-opt', kind: 'list', key: 'dns-opts', help: 'DNS options to use' },
  { name: 'dns-search', kind: 'list', help: 'DNS search domains to use' },
  {
    name: 'exec-root',
    kind: 'text',
    help: 'Root directory for execution state files',
    standard: '"/run/hoist"',
  },
  { name: 'fixed-cidr', kind: 'text', help: 'IPv4 subnet for the default bridge network' },
  { name: 'group', short: 'G', kind: 'text', help: 'Group for the unix socket', standard: '"docker"' },
  { name: 'help', kind: 'switch', key: null, help: 'Print usage' },
  { name: 'host', short: 'H', kind: 'list', key: 'hosts', help: 'Daemon socket(s) to connect to' },
  {
    name: 'icc',
    kind: 'switch',
    help: 'Enable inter-container communication for the default bridge network',
    standard: 'true',
  },
  {
    name: 'init',
    kind: 'switch',
    help: 'Run an init in the container to forward signals and reap processes',
  },
  {
    name: 'insecure-registry',
    kind: 'list',
    key: 'insecure-registries',
    help: 'Enable insecure registry communication',
  },
  {
    name: 'insecure-tcp-without-tls',
    kind: 'switch',
    help: 'Serve TCP to clients that nobody vouches for: whoever reaches it is root on this machine',
  },
  {
    name: 'ip',
    kind: 'text',
    help: 'Host IP for port publishing from the default bridge network',
    standard: '0.0.0.0',
  },
  {
    name: 'ip-forward',
    kind: 'switch',
    help: 'Enable IP forwarding in system configuration',
    standard: 'true',
  },
  {
    name: 'ip-masq',
    kind: 'switch',
    help: 'Enable IP masquerading for the default bridge network',
    standard: 'true',
  },
  { name: 'iptables', kind: 'switch', help: 'Enable addition of firewall rules', standard: 'true' },
  { name: 'label', kind: 'list', key: 'labels', help: 'Set key=value labels to the daemon' },
  { name: 'live-restore', kind: 'switch', help: 'Keep containers running when the daemon ends' },
  { name: 'log-driver', kind: 'text', help: 'Default driver for container logs', standard: '"json-file"' },
  {
    name: 'log-level',
    short: 'l',
    kind: 'text',
    help: 'Set the logging level ("debug"|"info"|"warn"|"error"|"fatal")',
    standard: '"info"',
  },
  { name: 'log-opt', kind: 'map', key: 'log-opts', help: 'Default log driver options for containers' },
  {
    name: 'max-concurrent-downloads',
    kind: 'number',
    help: 'Set the max concurrent downloads',
    standard: '3',
  },
  { name: 'max-concurrent-uploads', kind: 'number', help: 'Set the max concurrent uploads', standard: '5' },
  { name: 'mtu', kind: 'number', help: 'Set the MTU for the default bridge network', standard: '1500' },
  { name: 'no-new-privileges', kind: 'switch', help: 'Set no-new-privileges by default for new containers' },
  {
    name: 'pidfile',
    short: 'p',
    kind: 'text',
    help: 'Path to use for daemon PID file',
    standard: '"<exec-root>/hoistd.pid"',
  },
  { name: 'registry-mirror', kind: 'list', key: 'registry-mirrors', help: 'Preferred registry mirror' },
  { name: 'shutdown-timeout', kind: 'number', help: 'Set the default shutdown timeout', standard: '15' },
  { name: 'storage-driver', short: 's', kind: 'text', help: 'Storage driver to use' },
  { name: 'storage-opt', kind: 'list', key: 'storage-opts', help: 'Storage driver options' },
  { name: 'tls', kind: 'switch', help: 'Use TLS; implied by --tlsverify' },
  {
    name: 'tlscacert',
    kind: 'text',
    help: 'Trust certs signed only by this CA',
    standard: '"~/.docker/ca.pem"',
  },
  { name: 'tlscert', kind: 'text', help: 'Path to TLS certificate file', standard: '"~/.docker/cert.pem"' },
  { name: 'tlskey', kind: 'text', help: 'Path to TLS key file', standard: '"~/.docker/key.pem"' },
  { name: 'tlsverify', kind: 'switch', help: 'Use TLS and verify the remote' },
  { name: 'validate', kind: 'switch', key: null, help: 'Validate daemon configuration and exit' },
  { name: 'version', short: 'v', kind: 'switch', key: null, help: 'Print version information and quit' },
];

export const keyOf = (flag: Flag): string | undefined =>
  flag.key === undefined ? flag.name : (flag.key ?? undefined);

/** `-H, --host` */
export const shown = (flag: Flag): string =>
  flag.short ? `-${flag.short}, --${flag.name}` : `--${flag.name}`;
