import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, hostname, machine, release, totalmem } from 'node:os';

/** What `info` tells of the machine. */
export interface HostFacts {
  readonly hostname: string;
  /** `6.1.0-13-amd64` */
  readonly kernelVersion: string;
  /** `Debian GNU/Linux 12 (bookworm)` */
  readonly operatingSystem: string;
  /** `12` */
  readonly osVersion: string;
  /** `x86_64`, `aarch64` */
  readonly architecture: string;
  /** Processors that this process may use. */
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly appArmor: boolean;
  readonly seccomp: boolean;
  readonly cgroupNamespaces: boolean;
  readonly ipv4Forwarding: boolean;
  /** Bridged packets pass the firewall's IP and IPv6 chains. */
  readonly bridgeNfIptables: boolean;
  readonly bridgeNfIp6tables: boolean;
}

export function hostFacts(): HostFacts {
  const system = osRelease(readFirst(['/etc/os-release', '/usr/lib/os-release']));
  return {
    hostname: hostname(),
    kernelVersion: release(),
    operatingSystem: system['PRETTY_NAME'] ?? system['NAME'] ?? 'Linux',
    osVersion: system['VERSION_ID'] ?? '',
    architecture: machine(),
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
    appArmor: hasAppArmor(),
    seccomp: existsSync('/proc/sys/kernel/seccomp/actions_avail'),
    cgroupNamespaces: existsSync('/proc/self/ns/cgroup'),
    ipv4Forwarding: isOn('/proc/sys/net/ipv4/ip_forward'),
    bridgeNfIptables: isOn('/proc/sys/net/bridge/bridge-nf-call-iptables'),
    bridgeNfIp6tables: isOn('/proc/sys/net/bridge/bridge-nf-call-ip6tables'),
  };
}

/** Whether profiles can be put on processes: the module is on and its file system is there. */
export const hasAppArmor = (): boolean =>
  readFirst(['/sys/module/apparmor/parameters/enabled']).startsWith('Y') &&
  existsSync('/sys/kernel/security/apparmor/profiles');

/** Tells this boot from every other: what was recorded under another one's is gone from the kernel. */
export const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

/**
 * When a process started, in clock ticks after boot: with its pid it names the process, whoever has the number later.
 *
 * @returns `undefined` when there is no such process
 * @see proc(5), /proc/pid/stat, field 22
 */
export function processStartTicks(pid: number): number | undefined {
  const stat = readFirst([`/proc/${pid}/stat`]);
  if (stat === '') return undefined;
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
}

/** The variables of os-release(5). */
export function osRelease(text: string): Readonly<Record<string, string>> {
  const lines = text.matchAll(/^([A-Z][A-Z0-9_]*)=(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S*))\s*$/gm);
  return Object.fromEntries(
    [...lines].map(([, name, double, single, bare]) => [
      name,
      double?.replace(/\\(["$`\\])/g, '$1') ?? single ?? bare ?? '',
    ]),
  );
}

/** The numbers in a list as cpuset has it: `0-2,5` is 0, 1, 2, 5. @returns `undefined` when it is none */
export function parseCpuList(text: string): ReadonlySet<number> | undefined {
  const all = new Set<number>();
  for (const part of text.trim().split(',').filter(Boolean)) {
    const found = /^(\d+)(?:-(\d+))?$/.exec(part.trim());
    if (found === null) return undefined;
    const first = Number(found[1]);
    const last = Number(found[2] ?? found[1]);
    if (last < first || last > 8191) return undefined;
    for (let cpu = first; cpu <= last; cpu++) all.add(cpu);
  }
  return all;
}

const isOn = (path: string): boolean => readFirst([path]).startsWith('1');

/** The first of these files that can be read; empty when none can. */
function readFirst(paths: readonly string[]): string {
  for (const path of paths) {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      // The next, then: each is absent on some machines.
    }
  }
  return '';
}
