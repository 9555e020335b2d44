import type { AuthConfig } from '#api/index.ts';
import type { Image, Images } from '#image/images.ts';
import { formatPlatform, type Platform, parsePlatform, satisfies } from '#oci/platform.ts';
import { parseReference } from '#oci/reference.ts';

/** Gets the images that stages begin from, each once a build. */
export class BaseImages {
  readonly #options: {
    readonly images: Images;
    readonly pull: boolean;
    readonly auth: Readonly<Record<string, AuthConfig>>;
    readonly signal: AbortSignal;
    readonly held: DisposableStack;
  };
  readonly #known = new Map<string, Promise<Image>>();

  constructor(options: {
    readonly images: Images;
    /** Asks the registry even for what is here. */
    readonly pull: boolean;
    readonly auth: Readonly<Record<string, AuthConfig>>;
    readonly signal: AbortSignal;
    /** Takes the holds on their layers. */
    readonly held: DisposableStack;
  }) {
    this.#options = options;
  }

  /** @throws {EngineError} what a pull throws */
  get(
    name: string,
    platform: { readonly wanted: Platform; readonly isGiven: boolean },
    report: (text: string, current?: number, total?: number) => void,
  ): Promise<Image> {
    const key = `${name} ${formatPlatform(platform.wanted)}`;
    let found = this.#known.get(key);
    if (found === undefined) {
      found = this.#resolve(name, platform, report);
      found.catch(() => undefined);
      this.#known.set(key, found);
    }
    return found;
  }

  /** One that is here; it is held like the others. */
  find(name: string): Image | undefined {
    const image = this.#options.images.find(name);
    if (image !== undefined) this.#options.held.use(this.#options.images.holdLayers(image.layers));
    return image;
  }

  async #resolve(
    name: string,
    platform: { readonly wanted: Platform; readonly isGiven: boolean },
    report: (text: string, current?: number, total?: number) => void,
  ): Promise<Image> {
    const { images, held } = this.#options;
    const here = this.#options.pull ? undefined : images.find(name);
    const image =
      here !== undefined && (!platform.isGiven || fits(here, platform.wanted))
        ? here
        : await this.#pull(name, platform, report);
    held.use(images.holdLayers(image.layers));
    return image;
  }

  async #pull(
    name: string,
    platform: { readonly wanted: Platform; readonly isGiven: boolean },
    report: (text: string, current?: number, total?: number) => void,
  ): Promise<Image> {
    const { images, signal } = this.#options;
    const credentials = this.#credentialsFor(name);
    const messages = images.pull({
      name,
      signal,
      ...(platform.isGiven ? { platform: formatPlatform(platform.wanted) } : {}),
      ...(credentials === undefined ? {} : { credentials }),
    });
    for await (const { id, status, progressDetail } of messages)
      report([id, status].filter(Boolean).join(': '), progressDetail?.current, progressDetail?.total);
    return images.get(name);
  }

  #credentialsFor(name: string): AuthConfig | undefined {
    const { domain } = parseReference(name);
    const { auth } = this.#options;
    if (domain !== 'docker.io') return auth[domain] ?? auth[`https://${domain}`];
    return auth['https://index.docker.io/v1/'] ?? auth['docker.io'] ?? auth['index.docker.io'];
  }
}

const fits = ({ config }: Image, wanted: Platform): boolean =>
  satisfies(
    parsePlatform(
      [config.os, config.architecture, config.variant]
        .filter((part) => part !== undefined && part !== '')
        .join('/'),
    ),
    wanted,
  );
