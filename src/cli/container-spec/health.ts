import type { HealthConfig } from '#api/index.ts';
import type { ContainerFlags } from './flags.ts';

/** What the health flags say of a container's check; undefined leaves it to the image. */
export function healthOf(flags: ContainerFlags, given: ReadonlySet<string>): HealthConfig | undefined {
  const names = [
    'health-cmd',
    'health-interval',
    'health-timeout',
    'health-start-period',
    'health-start-interval',
    'health-retries',
  ];
  const asked = names.some((name) => given.has(name));
  if (flags['no-healthcheck']) {
    if (asked) throw new Error('--no-healthcheck conflicts with --health-* options');
    return { Test: ['NONE'] };
  }
  if (!asked) return undefined;
  checkHealth(flags);
  return {
    ...(flags['health-cmd'] !== '' && { Test: ['CMD-SHELL', flags['health-cmd']] }),
    ...(flags['health-interval'] !== 0 && { Interval: flags['health-interval'] }),
    ...(flags['health-timeout'] !== 0 && { Timeout: flags['health-timeout'] }),
    ...(flags['health-start-period'] !== 0 && { StartPeriod: flags['health-start-period'] }),
    ...(flags['health-start-interval'] !== 0 && { StartInterval: flags['health-start-interval'] }),
    ...(flags['health-retries'] !== 0 && { Retries: flags['health-retries'] }),
  };
}

function checkHealth(flags: ContainerFlags): void {
  for (const name of ['interval', 'timeout', 'retries', 'start-period', 'start-interval'] as const) {
    if (flags[`health-${name}`] < 0) throw new Error(`--health-${name} cannot be negative`);
  }
}
