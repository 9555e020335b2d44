import type { ContainerConfig } from '#api/index.ts';
import { invalid } from '#base/errors.ts';
import type { ImageRunConfig } from '#oci/image-config.ts';

/**
 * A container's configuration over its image's: what the person set stays, what is missing comes from the image.
 *
 * The image's Cmd counts only with the image's Entrypoint; an Entrypoint of `[""]` means none at all.
 *
 * @throws {EngineError} `invalid` when there is nothing to run
 */
export function mergedConfig(own: ContainerConfig, image: ImageRunConfig): ContainerConfig {
  const merged: ContainerConfig = {
    ...own,
    User: own.User || image.User || '',
    WorkingDir: own.WorkingDir || image.WorkingDir || '',
    Env: mergedEnvironment(own.Env ?? [], image.Env ?? []),
    Labels: { ...image.Labels, ...own.Labels },
    ...command(own, image),
    ...optional('ExposedPorts', union(own.ExposedPorts, image.ExposedPorts)),
    ...optional('Volumes', union(own.Volumes, image.Volumes)),
    ...optional(
      'Healthcheck',
      healthcheck(own.Healthcheck, image.Healthcheck as ContainerConfig['Healthcheck']),
    ),
    ...optional('StopSignal', own.StopSignal || image.StopSignal || undefined),
    ...optional('Shell', own.Shell ?? image.Shell ?? undefined),
    ...optional('OnBuild', own.OnBuild ?? undefined),
  };
  if ((merged.Entrypoint ?? []).length + (merged.Cmd ?? []).length === 0)
    throw invalid('no command specified');
  return merged;
}

function command(own: ContainerConfig, image: ImageRunConfig): Pick<ContainerConfig, 'Entrypoint' | 'Cmd'> {
  const entrypoint = own.Entrypoint ?? [];
  const cmd = own.Cmd ?? [];
  if (entrypoint.length > 0)
    return { Entrypoint: entrypoint[0] === '' && entrypoint.length === 1 ? [] : entrypoint, Cmd: cmd };
  return { Entrypoint: image.Entrypoint ?? [], Cmd: cmd.length > 0 ? cmd : (image.Cmd ?? []) };
}

/** The person's variables, then those of the image that they did not name. */
function mergedEnvironment(own: readonly string[], image: readonly string[]): readonly string[] {
  const nameOf = (variable: string) => variable.split('=', 1)[0]!;
  const named = new Set(own.map(nameOf));
  return [...own, ...image.filter((variable) => !named.has(nameOf(variable)))];
}

function union(
  own: Readonly<Record<string, object>> | null | undefined,
  image: Readonly<Record<string, object>> | null | undefined,
): Readonly<Record<string, object>> | undefined {
  const all = { ...image, ...own };
  return Object.keys(all).length === 0 ? undefined : all;
}

type Healthcheck = ContainerConfig['Healthcheck'];

/** Of a health check the fields that are unset are the image's. */
function healthcheck(own: Healthcheck, image: Healthcheck): Healthcheck {
  if (own === undefined || own === null) return image ?? undefined;
  const isSet = (value: unknown) => Boolean(value) && !(Array.isArray(value) && value.length === 0);
  return { ...image, ...Object.fromEntries(Object.entries(own).filter(([, value]) => isSet(value))) };
}

const optional = <K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } =>
  (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };
