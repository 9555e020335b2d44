import { defaultRegistryConfig, type RegistryConfig } from '#distribution/registry-config.ts';
import type { EngineConfig } from './config.ts';
import { productVersion } from './product.ts';

type Changeable = Pick<EngineConfig, 'registryMirrors' | 'insecureRegistries'>;

/** How registries are reached, read anew for each request: both lists may change while the engine runs. */
export class RegistrySettings implements RegistryConfig {
  readonly certificateFolders = defaultRegistryConfig.certificateFolders;
  readonly userAgent = `hoist/${productVersion} (linux)`;
  mirrors: readonly string[] = [];
  insecureRegistries: readonly string[] = [];

  constructor(config: Changeable) {
    this.change(config);
  }

  change({ registryMirrors = [], insecureRegistries = [] }: Changeable): void {
    this.mirrors = registryMirrors;
    this.insecureRegistries = insecureRegistries;
  }
}
