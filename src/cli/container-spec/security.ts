import * as platform from '../platform.ts';

export interface Security {
  readonly options: readonly string[];
  /** Empty: no path of /proc and /sys is hidden or made read-only. */
  readonly systemPaths?: readonly string[];
}

/** Reads `--security-opt`: the file of a seccomp profile is read here, since the daemon may be elsewhere. */
export function parseSecurity(given: readonly string[]): Security {
  const options = given.map(withProfile);
  const open = (option: string) => option === 'systempaths=unconfined';
  if (!options.some(open)) return { options };
  return { options: options.filter((option) => !open(option)), systemPaths: [] };
}

function withProfile(option: string): string {
  const [, name, value] = /^([^=:]*)[=:](.*)$/s.exec(option) ?? [];
  if (name === undefined || value === undefined) {
    if (option !== 'no-new-privileges') throw new Error(`Invalid --security-opt: "${option}"`);
    return option;
  }
  if (name !== 'seccomp' || value === 'unconfined' || value === 'builtin') return option;
  const profile = platform.findText(value);
  if (profile === undefined) {
    throw new Error(`opening seccomp profile (${value}) failed: open ${value}: no such file or directory`);
  }
  try {
    return `seccomp=${JSON.stringify(JSON.parse(profile))}`;
  } catch {
    throw new Error(`compacting json for seccomp profile (${value}) failed: ${jsonProblem(profile)}`);
  }
}

/** What is wrong with a JSON text, in Go's words: it ends too early, or begins with what begins no value. */
function jsonProblem(text: string): string {
  const bare = text.replace(/"(?:[^"\\]|\\.)*"/g, '""').trim();
  const open = (bare.match(/[{[]/g)?.length ?? 0) - (bare.match(/[}\]]/g)?.length ?? 0);
  if (bare === '' || open > 0) return 'unexpected end of JSON input';
  return `invalid character '${bare[0]}' looking for beginning of value`;
}

/** Capabilities by their whole names, sorted; `ALL` stands for every other, and adding wins over dropping. */
export function effectiveCapabilities(
  add: readonly string[],
  drop: readonly string[],
): { add: string[]; drop: string[] } {
  const [added, dropped] = [capabilitySet(add), capabilitySet(drop)];
  return { add: [...added].sort(), drop: [...dropped].filter((name) => !added.has(name)).sort() };
}

function capabilitySet(names: readonly string[]): Set<string> {
  const whole = names
    .map((name) => name.trim().toUpperCase())
    .map((name) => (/^(CAP_.*|ALL)$/.test(name) ? name : `CAP_${name}`));
  return new Set(whole.includes('ALL') ? ['ALL'] : whole);
}
