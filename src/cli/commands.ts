import type { Command } from './command.ts';

/** A command of the tree: its line in a list, and its file, loaded when it is run. */
export interface Entry {
  readonly about: string;
  /** Listed among the common commands. */
  readonly common?: boolean;
  readonly hidden?: boolean;
  readonly load: () => Promise<Command>;
  /** Commands under its name: `build history`. They win over an argument of the same name. */
  readonly under?: Readonly<Record<string, Entry>>;
}

export interface Group {
  readonly about: string;
  readonly commands: Readonly<Record<string, Entry>>;
}

export const isGroup = (entry: Entry | Group): entry is Group => 'commands' in entry;

/** What is asked about builds, beside building. */
const builds: Readonly<Record<string, Entry>> = {
  cancel: {
    about: 'Stop builds under way at once',
    load: async () => (await import('./commands/build/cancel.ts')).command,
  },
  du: {
    about: 'Show what the build cache holds',
    load: async () => (await import('./commands/build/disk-usage.ts')).command,
  },
  graph: {
    about: 'Draw the steps of a build as an SVG, the slowest path marked',
    load: async () => (await import('./commands/build/graph.ts')).command,
  },
  history: {
    about: 'List builds, and look at them: ls, inspect, logs, rm',
    load: async () => (await import('./commands/build/history-list.ts')).command,
    under: {
      inspect: {
        about: 'Show all about a build: steps, times, why they were not cached',
        load: async () => (await import('./commands/build/history-inspect.ts')).command,
      },
      logs: {
        about: 'Print what a build told',
        load: async () => (await import('./commands/build/history-logs.ts')).command,
      },
      ls: {
        about: 'List builds',
        load: async () => (await import('./commands/build/history-list.ts')).command,
      },
      rm: {
        about: 'Forget builds',
        load: async () => (await import('./commands/build/history-remove.ts')).command,
      },
    },
  },
  prune: {
    about: 'Remove build cache',
    load: async () => (await import('./commands/build/prune.ts')).command,
  },
};

/** The commands that stand alone. */
export const commands: Readonly<Record<string, Entry>> = {
  run: {
    about: 'Create and run a new container from an image',
    common: true,
    load: async () => (await import('./commands/container/run.ts')).command,
  },
  exec: {
    about: 'Execute a command in a running container',
    common: true,
    load: async () => (await import('./commands/container/exec.ts')).command,
  },
  ps: {
    about: 'List containers',
    common: true,
    load: async () => (await import('./commands/container/list.ts')).command,
  },
  build: {
    about: 'Build an image from a Dockerfile',
    common: true,
    load: async () => (await import('./commands/build/build.ts')).command,
    under: builds,
  },
  pull: {
    about: 'Download an image from a registry',
    common: true,
    load: async () => (await import('./commands/image/pull.ts')).command,
  },
  push: {
    about: 'Upload an image to a registry',
    common: true,
    load: async () => (await import('./commands/image/push.ts')).command,
  },
  images: {
    about: 'List images',
    common: true,
    load: async () => (await import('./commands/image/list.ts')).command,
  },
  login: {
    about: 'Authenticate to a registry',
    common: true,
    load: async () => (await import('./commands/registry/login.ts')).command,
  },
  logout: {
    about: 'Log out from a registry',
    common: true,
    load: async () => (await import('./commands/registry/logout.ts')).command,
  },
  search: {
    about: 'Search Docker Hub for images',
    common: true,
    load: async () => (await import('./commands/registry/search.ts')).command,
  },
  version: {
    about: 'Show the Hoist version information',
    common: true,
    load: async () => (await import('./commands/system/version.ts')).command,
  },
  info: {
    about: 'Display system-wide information',
    common: true,
    load: async () => (await import('./commands/system/info.ts')).command,
  },
  attach: {
    about: 'Attach local standard input, output, and error streams to a running container',
    load: async () => (await import('./commands/container/attach.ts')).command,
  },
  commit: {
    about: "Create a new image from a container's changes",
    load: async () => (await import('./commands/container/commit.ts')).command,
  },
  cp: {
    about: 'Copy files/folders between a container and the local filesystem',
    load: async () => (await import('./commands/container/copy.ts')).command,
  },
  create: {
    about: 'Create a new container',
    load: async () => (await import('./commands/container/create.ts')).command,
  },
  diff: {
    about: "Inspect changes to files or directories on a container's filesystem",
    load: async () => (await import('./commands/container/diff.ts')).command,
  },
  events: {
    about: 'Get real time events from the server',
    load: async () => (await import('./commands/system/events.ts')).command,
  },
  export: {
    about: "Export a container's filesystem as a tar archive",
    load: async () => (await import('./commands/container/export.ts')).command,
  },
  history: {
    about: 'Show the history of an image',
    load: async () => (await import('./commands/image/history.ts')).command,
  },
  import: {
    about: 'Import the contents from a tarball to create a filesystem image',
    load: async () => (await import('./commands/image/import.ts')).command,
  },
  inspect: {
    about: 'Return low-level information on Hoist objects',
    load: async () => (await import('./commands/system/inspect.ts')).command,
  },
  kill: {
    about: 'Kill one or more running containers',
    load: async () => (await import('./commands/container/kill.ts')).command,
  },
  load: {
    about: 'Load an image from a tar archive or STDIN',
    load: async () => (await import('./commands/image/load.ts')).command,
  },
  logs: {
    about: 'Fetch the logs of a container',
    load: async () => (await import('./commands/container/logs.ts')).command,
  },
  pause: {
    about: 'Pause all processes within one or more containers',
    load: async () => (await import('./commands/container/pause.ts')).command,
  },
  port: {
    about: 'List port mappings or a specific mapping for the container',
    load: async () => (await import('./commands/container/port.ts')).command,
  },
  rename: {
    about: 'Rename a container',
    load: async () => (await import('./commands/container/rename.ts')).command,
  },
  restart: {
    about: 'Restart one or more containers',
    load: async () => (await import('./commands/container/restart.ts')).command,
  },
  rm: {
    about: 'Remove one or more containers',
    load: async () => (await import('./commands/container/remove.ts')).command,
  },
  rmi: {
    about: 'Remove one or more images',
    load: async () => (await import('./commands/image/remove.ts')).command,
  },
  save: {
    about: 'Save one or more images to a tar archive (streamed to STDOUT by default)',
    load: async () => (await import('./commands/image/save.ts')).command,
  },
  start: {
    about: 'Start one or more stopped containers',
    load: async () => (await import('./commands/container/start.ts')).command,
  },
  stats: {
    about: 'Display a live stream of container(s) resource usage statistics',
    load: async () => (await import('./commands/container/stats.ts')).command,
  },
  stop: {
    about: 'Stop one or more running containers',
    load: async () => (await import('./commands/container/stop.ts')).command,
  },
  tag: {
    about: 'Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE',
    load: async () => (await import('./commands/image/tag.ts')).command,
  },
  top: {
    about: 'Display the running processes of a container',
    load: async () => (await import('./commands/container/top.ts')).command,
  },
  unpause: {
    about: 'Unpause all processes within one or more containers',
    load: async () => (await import('./commands/container/unpause.ts')).command,
  },
  update: {
    about: 'Update configuration of one or more containers',
    load: async () => (await import('./commands/container/update.ts')).command,
  },
  wait: {
    about: 'Block until one or more containers stop, then print their exit codes',
    load: async () => (await import('./commands/container/wait.ts')).command,
  },
};

/** Commands by what they manage. */
export const groups: Readonly<Record<string, Group>> = {
  builder: { about: 'Manage builds', commands: { build: commands['build']!, ...builds } },
  container: {
    about: 'Manage containers',
    commands: {
      attach: commands['attach']!,
      commit: commands['commit']!,
      cp: commands['cp']!,
      create: commands['create']!,
      diff: commands['diff']!,
      exec: commands['exec']!,
      export: commands['export']!,
      inspect: {
        about: 'Display detailed information on one or more containers',
        load: async () => (await import('./commands/container/inspect.ts')).command,
      },
      kill: commands['kill']!,
      logs: commands['logs']!,
      ls: commands['ps']!,
      pause: commands['pause']!,
      port: commands['port']!,
      prune: {
        about: 'Remove all stopped containers',
        load: async () => (await import('./commands/container/prune.ts')).command,
      },
      rename: commands['rename']!,
      restart: commands['restart']!,
      rm: commands['rm']!,
      run: commands['run']!,
      start: commands['start']!,
      stats: commands['stats']!,
      stop: commands['stop']!,
      top: commands['top']!,
      unpause: commands['unpause']!,
      update: commands['update']!,
      wait: commands['wait']!,
    },
  },
  image: {
    about: 'Manage images',
    commands: {
      build: commands['build']!,
      history: commands['history']!,
      import: commands['import']!,
      inspect: {
        about: 'Display detailed information on one or more images',
        load: async () => (await import('./commands/image/inspect.ts')).command,
      },
      load: commands['load']!,
      ls: commands['images']!,
      prune: {
        about: 'Remove unused images',
        load: async () => (await import('./commands/image/prune.ts')).command,
      },
      pull: commands['pull']!,
      push: commands['push']!,
      rm: commands['rmi']!,
      save: commands['save']!,
      tag: commands['tag']!,
    },
  },
  network: {
    about: 'Manage networks',
    commands: {
      connect: {
        about: 'Connect a container to a network',
        load: async () => (await import('./commands/network/connect.ts')).command,
      },
      create: {
        about: 'Create a network',
        load: async () => (await import('./commands/network/create.ts')).command,
      },
      disconnect: {
        about: 'Disconnect a container from a network',
        load: async () => (await import('./commands/network/disconnect.ts')).command,
      },
      inspect: {
        about: 'Display detailed information on one or more networks',
        load: async () => (await import('./commands/network/inspect.ts')).command,
      },
      ls: { about: 'List networks', load: async () => (await import('./commands/network/list.ts')).command },
      prune: {
        about: 'Remove all unused networks',
        load: async () => (await import('./commands/network/prune.ts')).command,
      },
      rm: {
        about: 'Remove one or more networks',
        load: async () => (await import('./commands/network/remove.ts')).command,
      },
    },
  },
  system: {
    about: 'Manage Hoist',
    commands: {
      df: {
        about: 'Show hoist disk usage',
        load: async () => (await import('./commands/system/disk-usage.ts')).command,
      },
      'dial-stdio': {
        about: '',
        hidden: true,
        load: async () => (await import('./commands/system/dial-stdio.ts')).command,
      },
      events: commands['events']!,
      info: commands['info']!,
      prune: {
        about: 'Remove unused data',
        load: async () => (await import('./commands/system/prune.ts')).command,
      },
    },
  },
  volume: {
    about: 'Manage volumes',
    commands: {
      create: {
        about: 'Create a volume',
        load: async () => (await import('./commands/volume/create.ts')).command,
      },
      inspect: {
        about: 'Display detailed information on one or more volumes',
        load: async () => (await import('./commands/volume/inspect.ts')).command,
      },
      ls: { about: 'List volumes', load: async () => (await import('./commands/volume/list.ts')).command },
      prune: {
        about: 'Remove unused local volumes',
        load: async () => (await import('./commands/volume/prune.ts')).command,
      },
      rm: {
        about: 'Remove one or more volumes',
        load: async () => (await import('./commands/volume/remove.ts')).command,
      },
    },
  },
};

/** Other names of a group's commands. */
const synonyms: Readonly<Record<string, string>> = { list: 'ls', ps: 'ls', remove: 'rm' };

export interface Found {
  readonly entry: Entry | Group;
  /** The names it was called by: `container ls`. */
  readonly path: string;
  readonly rest: readonly string[];
}

/** The command that the words of a command line name; undefined when there is none. */
export function findCommand(words: readonly string[]): Found | undefined {
  const [first = '', ...rest] = words;
  if (Object.hasOwn(commands, first)) return within({ entry: commands[first]!, path: first, rest });
  if (!Object.hasOwn(groups, first)) return undefined;
  const group = groups[first]!;
  const [second = ''] = rest;
  const name = Object.hasOwn(group.commands, second) ? second : (synonyms[second] ?? '');
  if (second === 'ps' && first !== 'container') return undefined;
  if (!Object.hasOwn(group.commands, name)) return { entry: group, path: first, rest };
  return within({ entry: group.commands[name]!, path: `${first} ${name}`, rest: rest.slice(1) });
}

/** The command under a command that the next word names. */
function within(found: {
  readonly entry: Entry;
  readonly path: string;
  readonly rest: readonly string[];
}): Found {
  const { entry, path, rest } = found;
  const [word = ''] = rest;
  const name = Object.hasOwn(entry.under ?? {}, word) ? word : (synonyms[word] ?? '');
  const under = Object.hasOwn(entry.under ?? {}, name) ? entry.under![name] : undefined;
  return under === undefined ? found : within({ entry: under, path: `${path} ${name}`, rest: rest.slice(1) });
}
