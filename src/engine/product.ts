import { arch, release } from 'node:os';
import { apiVersion, minApiVersion, type SystemVersion } from '#api/index.ts';

/** This package's version; a test holds it to package.json. */
export const productVersion = '0.1.0';

const goArchitectures: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

/** What `docker version` shows of the engine. */
export function productDetails(): SystemVersion {
  const facts = {
    ApiVersion: apiVersion,
    MinAPIVersion: minApiVersion,
    GitCommit: '',
    GoVersion: `node${process.versions.node}`,
    Os: 'linux',
    Arch: goArchitectures[arch()] ?? arch(),
    KernelVersion: release(),
    BuildTime: '',
  };
  return {
    Platform: { Name: 'Hoist' },
    Components: [{ Name: 'Engine', Version: productVersion, Details: { ...facts, Experimental: 'false' } }],
    Version: productVersion,
    ...facts,
  };
}
