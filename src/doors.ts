/** The rooms each room may import, lower storeys first. A room may always import itself. */
export const doors = {
  base: [],
  api: ['base'],
  oci: ['base'],
  linux: ['base', 'oci'],
  archive: ['base'],
  state: ['base'],
  events: ['base', 'api'],
  content: ['base', 'oci', 'state'],
  snapshot: ['base', 'oci', 'linux', 'archive', 'state'],
  distribution: ['base', 'oci'],
  runtime: ['base', 'oci', 'linux'],
  logs: ['base', 'api'],
  volume: ['base', 'api', 'linux', 'state', 'events'],
  network: ['base', 'api', 'linux', 'state', 'events'],
  image: ['base', 'api', 'oci', 'archive', 'state', 'events', 'content', 'snapshot', 'distribution'],
  container: [
    'base', 'api', 'oci', 'archive', 'state', 'events', 'snapshot', 'image', 'runtime', 'network', 'volume', 'logs',
  ],
  engine: [
    'base', 'api', 'oci', 'linux', 'archive', 'state', 'events', 'content', 'snapshot', 'distribution', 'runtime',
    'logs', 'volume', 'network', 'image', 'container',
  ],
  server: ['base', 'api', 'events', 'engine'],
  daemon: ['base', 'server', 'engine'],
  client: ['base', 'api'],
  cli: ['base', 'api', 'oci', 'archive', 'client'],
} as const satisfies Record<string, readonly string[]>;

export type Room = keyof typeof doors;
