import { defaultRegistryConfig, type RegistryConfig } from '#distribution/registry-config.ts';
import type { EngineConfig } from './config.ts';
import { productVersion } from './product.ts';

type Changeable = Pick<EngineConfig, 'registryMirrors' | 'insecureRegistries'>;

/** How registries are reached, read anew for each request: both lists may change while the engine runs. */
export class RegistrySettings implements RegistryConfig {
  readonly certificateFolders = defaultRegistryConfig.certificateFolders;
  readonly userAgent = `hoist/${productVersion} (linux)`;
  #current: Changeable;

  constructor(config: Changeable) {
    this.#current = config;
  }

  get mirrors(): readonly string[] {
    return this.#current.registryMirrors ?? [];
  }

  get insecureRegistries(): readonly string[] {
    return this.#current.insecureRegistries ?? [];
  }

  change(config: Changeable): void {
    this.#current = config;
  }
}
