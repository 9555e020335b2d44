import { arch } from 'node:process';
import { invalid } from '#base/errors.ts';

/** What an image runs on, normalised: `amd64` (not `x86_64`), `arm64` without `v8`. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

const aliases: Readonly<Record<string, readonly [architecture: string, variant?: string]>> = {
  x86_64: ['amd64'],
  'x86-64': ['amd64'],
  i386: ['386'],
  i686: ['386'],
  aarch64: ['arm64'],
  armhf: ['arm', 'v7'],
  armel: ['arm', 'v6'],
};
const architectures = new Set([
  ...['386', 'amd64', 'arm', 'arm64', 'loong64', 'mips', 'mipsle', 'mips64', 'mips64le'],
  ...['ppc64', 'ppc64le', 'riscv64', 's390x', 'wasm'],
]);
const systems = new Set(['linux', 'windows', 'darwin', 'freebsd', 'wasi']);

/** This machine's. */
export const hostPlatform: Platform = normalizePlatform({
  os: 'linux',
  architecture: { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' }[arch as string] ?? arch,
});

/** Docker's names for an architecture and the variants that go without saying. */
export function normalizePlatform(platform: Platform): Platform {
  const [architecture, implied] = aliases[platform.architecture.toLowerCase()] ?? [
    platform.architecture.toLowerCase(),
  ];
  const given = platform.variant?.toLowerCase() || implied;
  const os = platform.os.toLowerCase();
  const variant = normalVariant(architecture, given);
  return variant === undefined ? { os, architecture } : { os, architecture, variant };
}

function normalVariant(architecture: string, variant: string | undefined): string | undefined {
  if (architecture === 'arm64') return variant === '8' || variant === 'v8' ? undefined : variant;
  if (architecture === 'amd64') return variant === 'v1' ? undefined : variant;
  if (architecture !== 'arm') return variant;
  if (variant === undefined) return 'v7';
  return /^[5-8]$/.test(variant) ? `v${variant}` : variant;
}

/**
 * Reads `os[/architecture[/variant]]`; a single word may be either.
 *
 * @throws {EngineError} `invalid` naming the text
 */
export function parsePlatform(text: string): Platform {
  const parts = text.split('/');
  if (parts.length > 3) throw unparsed(text, 'cannot parse platform specifier');
  const odd = parts.find((part) => !/^[A-Za-z0-9_.-]+$/.test(part));
  if (odd !== undefined) throw unparsed(odd, `is an invalid component of ${JSON.stringify(text)}`);
  const [first = '', second, third] = parts;
  if (second !== undefined)
    return normalizePlatform({
      os: first,
      architecture: second,
      ...(third === undefined ? {} : { variant: third }),
    });
  if (systems.has(first.toLowerCase())) return { ...hostPlatform, os: first.toLowerCase() };
  const platform = normalizePlatform({ os: hostPlatform.os, architecture: first });
  if (!architectures.has(platform.architecture))
    throw unparsed(text, 'unknown operating system or architecture');
  return platform;
}

const unparsed = (text: string, why: string) => invalid(`${JSON.stringify(text)}: ${why}: invalid argument`);

export function formatPlatform(platform: Platform): string {
  const { os, architecture, variant } = platform;
  return variant === undefined ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;
}

/** The platforms that one machine can run, best first. */
export function runnableOn(platform: Platform): readonly Platform[] {
  const { os, architecture, variant } = platform;
  if (architecture === 'arm')
    return [platform, ...olderArm(variant ?? 'v7').map((v) => ({ os, architecture, variant: v }))];
  if (architecture === 'arm64')
    return [
      platform,
      { os, architecture },
      ...['v8', ...olderArm('v8')].map((v) => ({ os, architecture: 'arm', variant: v })),
    ];
  if (architecture === 'amd64')
    return [
      platform,
      ...lowerAmd64(variant).map((v) => ({ os, architecture, ...v })),
      { os, architecture: '386' },
    ];
  return [platform];
}

const olderArm = (variant: string): string[] => ['v7', 'v6', 'v5'].filter((older) => older < variant);

const lowerAmd64 = (variant: string | undefined): { variant?: string }[] =>
  variant === undefined ? [] : [...['v3', 'v2'].filter((v) => v < variant).map((v) => ({ variant: v })), {}];

export const samePlatform = (a: Platform, b: Platform): boolean => formatPlatform(a) === formatPlatform(b);

/**
 * The best of `candidates` for a machine (or for the platform someone asked for), or undefined.
 *
 * Entries without a platform, and those of an unknown one such as attestations, are never chosen.
 */
export function choosePlatform<T extends { readonly platform?: Platform }>(
  candidates: readonly T[],
  wanted: Platform,
): T | undefined {
  for (const platform of runnableOn(normalizePlatform(wanted))) {
    const match = candidates.find(
      (c) => c.platform !== undefined && samePlatform(normalizePlatform(c.platform), platform),
    );
    if (match !== undefined) return match;
  }
  return undefined;
}

/** Whether an image of platform `have` answers a wish for `wanted`. */
export const satisfies = (have: Platform, wanted: Platform): boolean =>
  choosePlatform([{ platform: have }], wanted) !== undefined;
