/** One mounted hierarchy of cgroup version 1. */
export interface Hierarchy {
  readonly directory: string;
  /** `['cpu', 'cpuacct']`; none for a named one. */
  readonly controllers: readonly string[];
  /** `systemd` of `name=systemd`. */
  readonly name?: string;
}

export interface Hierarchies {
  readonly v1: readonly Hierarchy[];
  /** Where cgroup2 is mounted. */
  readonly unified?: string;
}

/** Options of a cgroup mount that are no controllers. @see cgroup1_fs_parameters in kernel/cgroup/cgroup-v1.c */
const notControllers =
  /^(ro|rw|name=.*|noprefix|clone_children|cpuset_v2_mode|favordynmods|xattr|release_agent=.*|none)$/;

/**
 * The control group hierarchies mounted at or beneath `root`; of one mounted twice, the first.
 *
 * @param mountinfo the text of /proc/self/mountinfo, proc(5)
 */
export function findHierarchies(mountinfo: string, root: string): Hierarchies {
  const v1 = new Map<string, Hierarchy>();
  let unified: string | undefined;
  for (const line of mountinfo.split('\n')) {
    const found = parse(line);
    if (found === undefined || (found.directory !== root && !found.directory.startsWith(`${root}/`)))
      continue;
    if (found.type === 'cgroup2') unified ??= found.directory;
    else if (found.type === 'cgroup') addOnce(v1, found);
  }
  return { v1: [...v1.values()], ...(unified !== undefined && { unified }) };
}

function addOnce(
  all: Map<string, Hierarchy>,
  found: { directory: string; options: readonly string[] },
): void {
  const controllers = found.options.filter((option) => !notControllers.test(option));
  const name = found.options.find((option) => option.startsWith('name='))?.slice('name='.length);
  const key = name === undefined ? controllers.join() : `name=${name}`;
  if (all.has(key)) return;
  all.set(key, { directory: found.directory, controllers, ...(name !== undefined && { name }) });
}

function parse(line: string): { directory: string; type: string; options: readonly string[] } | undefined {
  const separator = line.indexOf(' - ');
  if (separator < 0) return undefined;
  const directory = line
    .split(' ', 5)[4]!
    .replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(parseInt(octal, 8)));
  const [type = '', , options = ''] = line.slice(separator + 3).split(' ');
  return { directory, type, options: options.split(',') };
}
