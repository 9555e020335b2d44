import { hostname } from 'node:os';
import type { HostFacts } from '#container/index.ts';
import {
  type Cgroups,
  defaultSeccomp,
  grantCapabilities,
  parseSeccompProfile,
  possibleCapabilities,
} from '#linux/index.ts';
import type { EngineConfig } from './config.ts';

/** What containers need to know of the machine and of the configuration. */
export function containerFacts(config: EngineConfig, cgroups: Cgroups): HostFacts {
  const possible = possibleCapabilities();
  return {
    hostname: hostname(),
    cgroupVersion: cgroups.version,
    features: cgroups.features,
    cgroupParent: config.cgroupParent || '/hoist',
    grantCapabilities: (request) => grantCapabilities(request, possible),
    defaultSeccomp: (capabilities) => defaultSeccomp({ capabilities }),
    readSeccomp: (json, capabilities) => parseSeccompProfile(json, { capabilities }),
    defaultNetwork: config.bridge === 'none' ? 'none' : 'bridge',
    logConfig: { Type: config.logDriver || 'json-file', Config: config.logOptions ?? {} },
    ...(config.defaultUlimits && { defaultUlimits: Object.values(config.defaultUlimits) }),
    ...(config.defaultShmSize && { defaultShmSize: config.defaultShmSize }),
    ...(config.init && { defaultInit: true }),
    ...(config.noNewPrivileges && { noNewPrivileges: true }),
    ...(config.defaultIpcMode && { defaultIpcMode: config.defaultIpcMode }),
    ...(config.defaultCgroupnsMode && { defaultCgroupnsMode: config.defaultCgroupnsMode }),
    ...(config.dns && { dns: config.dns }),
    ...(config.dnsOptions && { dnsOptions: config.dnsOptions }),
    ...(config.dnsSearch && { dnsSearch: config.dnsSearch }),
  };
}
