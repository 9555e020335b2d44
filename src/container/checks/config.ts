import type { ContainerConfig, HostConfig } from '#api/index.ts';
import { invalid, unsupported } from '#base/errors.ts';
import { parseSignal } from '#base/signals.ts';
import { grantedTo } from '../spec/capabilities.ts';
import type { HostFacts } from '../spec/host.ts';
import { parseDeviceRule } from '../spec/resources.ts';
import { securityOptions } from '../spec/security.ts';
import { isUserDefined } from './network.ts';

/** Checks what does not depend on resources or network. @throws {EngineError} `invalid` in Docker's words */
export function checkConfig(config: ContainerConfig, host: HostConfig, facts: HostFacts): void {
  checkProcess(config);
  checkModes(host);
  checkRestartPolicy(host);
  checkLogging(host);
  grantedTo(host, facts);
  for (const rule of host.DeviceCgroupRules ?? []) parseDeviceRule(rule);
  securityOptions(host.SecurityOpt);
  checkUnsupported(host);
}

function checkProcess(config: ContainerConfig): void {
  const { WorkingDir: directory = '', Env: variables, StopSignal: signal } = config;
  if (directory !== '' && !directory.startsWith('/'))
    throw invalid(`the working directory '${directory}' is invalid, it needs to be an absolute path`);
  if (signal) parseSignal(signal);
  for (const variable of variables ?? []) {
    if (variable === '' || variable.startsWith('='))
      throw invalid(`invalid environment variable: ${variable}`);
  }
  checkHealth(config.Healthcheck);
}

function checkHealth(health: ContainerConfig['Healthcheck']): void {
  const millisecond = 1_000_000;
  for (const field of ['Interval', 'Timeout', 'StartPeriod', 'StartInterval'] as const) {
    const value = health?.[field] ?? 0;
    if (value !== 0 && value < millisecond) throw invalid(`${field} in Healthcheck cannot be less than 1ms`);
  }
  if ((health?.Retries ?? 0) < 0) throw invalid('Retries in Healthcheck cannot be negative');
}

const modes: readonly (readonly [keyof HostConfig, string, RegExp])[] = [
  ['IpcMode', 'IPC', /^(none|private|shareable|host|container:.+)?$/],
  ['PidMode', 'PID', /^(host|container:.+)?$/],
  ['UTSMode', 'UTS', /^(host)?$/],
  ['UsernsMode', 'userns', /^(host)?$/],
  ['CgroupnsMode', 'cgroup namespace', /^(private|host)?$/],
];

function checkModes(host: HostConfig): void {
  for (const [field, what, pattern] of modes) {
    const mode = String(host[field] ?? '');
    if (!pattern.test(mode)) throw invalid(`invalid ${what} mode: ${mode}`);
  }
}

const policies = ['no', 'always', 'on-failure', 'unless-stopped'];

/** Also for `update`. */
export function checkRestartPolicy(host: Pick<HostConfig, 'RestartPolicy' | 'AutoRemove'>): void {
  const { Name: name = '', MaximumRetryCount: count = 0 } = host.RestartPolicy ?? {};
  const policy: string = name;
  if (host.AutoRemove === true && policy !== '' && policy !== 'no')
    throw invalid("can't create 'AutoRemove' container with restart policy");
  if (policy !== '' && !policies.includes(policy))
    throw invalid(
      `invalid restart policy: unknown policy '${policy}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
    );
  if (count > 0 && policy !== 'on-failure')
    throw invalid("invalid restart policy: maximum retry count can only be used with 'on-failure'");
  if (count < 0) throw invalid('invalid restart policy: maximum retry count cannot be negative');
}

function checkLogging({ LogConfig: log }: HostConfig): void {
  const type = log?.Type || 'json-file';
  if (!['json-file', 'local', 'none'].includes(type))
    throw invalid(`error looking up logging plugin ${type}: plugin "${type}" not found`);
  for (const key of Object.keys(log?.Config ?? {})) {
    const known = [
      'max-file',
      'max-size',
      'compress',
      'labels',
      'labels-regex',
      'env',
      'env-regex',
      'tag',
      'mode',
      'max-buffer-size',
    ];
    if (!known.includes(key)) throw invalid(`unknown log opt '${key}' for ${type} log driver`);
  }
}

/** What the engine does not do is refused, never passed over. */
function checkUnsupported(host: HostConfig): void {
  if (host.Runtime && !['runc', 'io.containerd.runc.v2', 'native'].includes(host.Runtime))
    throw invalid(`unknown or invalid runtime name: ${host.Runtime}`);
  if (host.VolumeDriver && host.VolumeDriver !== 'local')
    throw invalid(
      `error looking up volume plugin ${host.VolumeDriver}: plugin "${host.VolumeDriver}" not found`,
    );
  const [request] = host.DeviceRequests ?? [];
  if (request !== undefined) {
    const capabilities = JSON.stringify(request.Capabilities ?? [])
      .replaceAll('"', '')
      .replaceAll(',', ' ');
    throw invalid(
      `could not select device driver ${JSON.stringify(request.Driver ?? '')} with capabilities: ${capabilities}`,
    );
  }
  if (Object.keys(host.StorageOpt ?? {}).length > 0)
    throw invalid('--storage-opt is not supported by this storage driver');
  // On a network of its own a container has no use for them: names are found there, and dockerd passes them over.
  if ((host.Links ?? []).length > 0 && !isUserDefined(host.NetworkMode))
    throw unsupported('links are not supported: use a network of your own');
  for (const entry of host.ExtraHosts ?? []) {
    if (!/^[^:=]+[:=].+$/.test(entry)) throw invalid(`bad format for add-host: ${JSON.stringify(entry)}`);
  }
}
