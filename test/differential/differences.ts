const newer = 'Docker 28 words it so; the reference is 20.10';

/**
 * Steps that we answer otherwise than dockerd 20.10, on purpose, and why. A step listed here that gives the same answer
 * after all fails the suite, so that this list stays true.
 */
export const differences: Readonly<Record<string, string>> = {
  'image inspect: unknown': newer,
  'pull: invalid reference':
    'Docker 28 takes a first component with capitals for a registry, as the current reference grammar does; 20.10 refuses it',
  'run: command not found': newer,
  'run: not executable': newer,
  'run: a directory': newer,
  'run: no command': newer,
  'run: too many cpus': newer,
  'run: mounts':
    'files are masked with the host’s /dev/null (devtmpfs) and not the container’s (tmpfs): a container cannot swap it',
  'run: /dev':
    '/dev/core is made also where the kernel has no /proc/kcore, as on the machines these tests run on',
  'ps: filters': newer,
  'inspect: host config':
    'Docker 28 stores the network mode it resolved (bridge, not default) and masks /sys/devices/virtual/powercap',
  'exec: command not found': 'Docker 28 gives 127 for a missing program, as run does; 20.10 gave 126',
  'pause, unpause': newer,
  'rm: running': newer,
  'kill: invalid signal': newer,
  'kill: not running': newer,
  'exec: not running': newer,
  'load: not an archive': 'our message names the place in the archive',
};
