import { readdirSync, readFileSync } from 'node:fs';
import { arch, availableParallelism, hostname, release, totalmem } from 'node:os';

/** Facts of the machine for `info`. */
export interface HostFacts {
  readonly name: string;
  readonly kernelVersion: string;
  readonly operatingSystem: string;
  readonly osVersion: string;
  readonly architecture: string;
  readonly cpus: number;
  readonly memory: number;
  readonly ipv4Forwarding: boolean;
}

const unameMachines: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' };

export function hostFacts(): HostFacts {
  const release_ = osRelease();
  return {
    name: hostname(),
    kernelVersion: release(),
    operatingSystem: release_['PRETTY_NAME'] ?? 'Linux',
    osVersion: release_['VERSION_ID'] ?? '',
    architecture: unameMachines[arch()] ?? arch(),
    cpus: availableParallelism(),
    memory: totalmem(),
    ipv4Forwarding: readText('/proc/sys/net/ipv4/ip_forward').trim() === '1',
  };
}

/** Open descriptors of this process. */
export const openDescriptors = (): number => readdirSync('/proc/self/fd').length;

/** @see os-release(5) */
function osRelease(): Readonly<Record<string, string>> {
  const text = readText('/etc/os-release') || readText('/usr/lib/os-release');
  const pairs = [...text.matchAll(/^([A-Z_]+)=(?:"([^"]*)"|(.*))$/gm)];
  return Object.fromEntries(pairs.map((pair) => [pair[1]!, pair[2] ?? pair[3] ?? '']));
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
