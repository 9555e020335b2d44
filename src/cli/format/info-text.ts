import type { SystemInfo } from '#api/index.ts';
import { binarySize } from './human.ts';

/** What `info` says of a daemon. */
export function infoText(info: SystemInfo): string {
  return [
    ...counts(info),
    ...storage(info),
    ...runtimes(info),
    ...security(info),
    ...machine(info),
    ...settings(info),
  ]
    .map((line) => ` ${line}\n`)
    .join('');
}

function counts(info: SystemInfo): string[] {
  return [
    `Containers: ${info.Containers}`,
    ` Running: ${info.ContainersRunning}`,
    ` Paused: ${info.ContainersPaused}`,
    ` Stopped: ${info.ContainersStopped}`,
    `Images: ${info.Images}`,
    ...named('Server Version', info.ServerVersion),
  ];
}

function storage(info: SystemInfo): string[] {
  const { Plugins: plugins } = info;
  const list = (names: readonly string[] | null | undefined) => (names ?? []).join(' ');
  return [
    ...named('Storage Driver', info.Driver),
    ...(info.DriverStatus ?? []).map(([name, value]) => ` ${name}: ${value}`),
    ...named('Logging Driver', info.LoggingDriver),
    ...named('Cgroup Driver', info.CgroupDriver),
    ...named('Cgroup Version', info.CgroupVersion),
    'Plugins:',
    ` Volume: ${list(plugins?.Volume)}`,
    ` Network: ${list(plugins?.Network)}`,
    ...(plugins?.Authorization?.length ? [` Authorization: ${list(plugins.Authorization)}`] : []),
    ` Log: ${list(plugins?.Log)}`,
    ...((info.CDISpecDirs?.length ?? 0) > 0
      ? ['CDI spec directories:', ...info.CDISpecDirs.map((each) => ` ${each}`)]
      : []),
    ...named('Swarm', info.Swarm?.LocalNodeState),
  ];
}

function runtimes(info: SystemInfo): string[] {
  const names = Object.keys(info.Runtimes ?? {}).sort();
  return [
    ...(names.length > 0 ? [`Runtimes: ${names.join(' ')}`, `Default Runtime: ${info.DefaultRuntime}`] : []),
    `Init Binary: ${info.InitBinary}`,
    `containerd version: ${info.ContainerdCommit?.ID ?? ''}`,
    `runc version: ${info.RuncCommit?.ID ?? ''}`,
    `init version: ${info.InitCommit?.ID ?? ''}`,
  ];
}

/** Each option is `name=seccomp,profile=default`: the name, and what it is set to beneath. */
function security({ SecurityOptions: options = [] }: SystemInfo): string[] {
  if (options === null || options.length === 0) return [];
  const lines = options.flatMap((option) => {
    const pairs = option.split(',').map((each) => each.split('=', 2) as [string, string?]);
    const name = pairs.find(([key]) => key === 'name')?.[1] ?? option;
    const rest = pairs.filter(([key]) => key !== 'name');
    const title = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
    return [` ${name}`, ...rest.map(([key, value]) => `  ${title(key)}: ${value}`)];
  });
  return ['Security Options:', ...lines];
}

function machine(info: SystemInfo): string[] {
  return [
    ...named('Kernel Version', info.KernelVersion),
    ...named('Operating System', info.OperatingSystem),
    ...named('OSType', info.OSType),
    ...named('Architecture', info.Architecture),
    `CPUs: ${info.NCPU}`,
    `Total Memory: ${binarySize(info.MemTotal)}`,
    ...named('Name', info.Name),
    ...named('ID', info.ID),
    `Docker Root Dir: ${info.DockerRootDir}`,
  ];
}

function settings(info: SystemInfo): string[] {
  const { RegistryConfig: registries } = info;
  const insecure = [
    ...Object.values(registries?.IndexConfigs ?? {})
      .filter((each) => !each.Secure)
      .map((each) => each.Name),
    ...(registries?.InsecureRegistryCIDRs ?? []),
  ];
  const block = (title: string, lines: readonly string[] | null | undefined) =>
    (lines?.length ?? 0) > 0 ? [title, ...lines!.map((line) => ` ${line}`)] : [];
  return [
    `Debug Mode: ${info.Debug}`,
    ...(info.Debug
      ? [
          ` File Descriptors: ${info.NFd}`,
          ` Goroutines: ${info.NGoroutines}`,
          ` System Time: ${info.SystemTime}`,
          ` EventsListeners: ${info.NEventsListener}`,
        ]
      : []),
    ...named('HTTP Proxy', info.HttpProxy),
    ...named('HTTPS Proxy', info.HttpsProxy),
    ...named('No Proxy', info.NoProxy),
    ...block('Labels:', info.Labels),
    `Experimental: ${info.ExperimentalBuild}`,
    ...block('Insecure Registries:', insecure),
    ...block('Registry Mirrors:', registries?.Mirrors),
    `Live Restore Enabled: ${info.LiveRestoreEnabled}`,
    ...(info.FirewallBackend ? [`Firewall Backend: ${info.FirewallBackend.Driver}`] : []),
  ];
}

const named = (name: string, value: string | undefined) => (value ? [`${name}: ${value}`] : []);
