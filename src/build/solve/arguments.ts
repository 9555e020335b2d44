import { formatPlatform, hostPlatform, type Platform } from '#oci/platform.ts';
import type { ArgInstruction, Dockerfile } from '../dockerfile/syntax.ts';

/** Build arguments as a client gives them; one without a value is unset. */
export type BuildArguments = ReadonlyMap<string, string>;

/** Given without being declared, and no part of any key or history. @see Dockerfile reference, Predefined ARGs */
const predefined = ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY'];
export const isPredefined = (name: string): boolean => predefined.includes(name.toUpperCase());

export function buildArguments(given: Readonly<Record<string, unknown>> | undefined): BuildArguments {
  return new Map(
    Object.entries(given ?? {}).flatMap(([name, value]) =>
      value === null || value === undefined ? [] : [[name, String(value)] as const],
    ),
  );
}

/** BUILD… and TARGET…, in force for FROM and wherever they are declared. */
export function platformArguments(target: Platform, stageName?: string): ReadonlyMap<string, string> {
  const of = (prefix: string, platform: Platform): [string, string][] => [
    [`${prefix}PLATFORM`, formatPlatform(platform)],
    [`${prefix}OS`, platform.os],
    [`${prefix}ARCH`, platform.architecture],
    [`${prefix}VARIANT`, platform.variant ?? ''],
  ];
  return new Map([
    ...of('BUILD', hostPlatform),
    ...of('TARGET', target),
    ...(stageName === undefined ? [] : [['TARGETSTAGE', stageName || 'default'] as [string, string]]),
  ]);
}

/**
 * The ARGs before the first FROM, each with the client's value or its default, in which earlier ones may stand.
 */
export function globalArguments(
  { globalArgs }: Pick<Dockerfile, 'globalArgs'>,
  options: {
    readonly given: BuildArguments;
    readonly platform: ReadonlyMap<string, string>;
    readonly expand: (text: string, lookup: (name: string) => string | undefined) => string;
  },
): ReadonlyMap<string, string | undefined> {
  const values = new Map<string, string | undefined>();
  const lookup = (name: string) => values.get(name) ?? options.platform.get(name);
  for (const { args } of globalArgs)
    for (const { key, value } of args) {
      const given = options.given.get(key) ?? options.platform.get(key);
      values.set(key, given ?? (value === undefined ? undefined : options.expand(value, lookup)));
    }
  return values;
}

/** What an ARG of a stage brings into force. */
export function declaredArguments(
  instruction: ArgInstruction,
  options: {
    readonly given: BuildArguments;
    readonly global: ReadonlyMap<string, string | undefined>;
    readonly platform: ReadonlyMap<string, string>;
    readonly expand: (text: string) => string;
  },
): ReadonlyMap<string, string | undefined> {
  return new Map(
    instruction.args.map(({ key, value }) => {
      const otherwise =
        value === undefined ? (options.global.get(key) ?? options.platform.get(key)) : options.expand(value);
      return [key, options.given.get(key) ?? otherwise] as const;
    }),
  );
}
