import { normalize } from 'node:path/posix';
import { invalid } from '#base/errors.ts';

/** What `-v` and `HostConfig.Binds` say, read: a host path or a volume's name (absent: a new one) and its place. */
export interface BindSpec {
  readonly source?: string;
  readonly destination: string;
  readonly rw: boolean;
  /** As written: `ro`, `z,rshared`. */
  readonly mode: string;
  readonly propagation: string;
  /** The image's files there are not copied into an empty volume. */
  readonly noCopy: boolean;
}

const propagations = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'];
const labels = ['z', 'Z'];
const consistencies = ['consistent', 'cached', 'delegated'];

/** `source:destination:options`, `source:destination`, `destination`. @throws {EngineError} `invalid` in Docker's words */
export function parseBind(text: string): BindSpec {
  const parts = text.split(':');
  const bad = (why = '') => invalid(`invalid volume specification: '${text}'${why === '' ? '' : `: ${why}`}`);
  if (parts.length > 3 || parts[0] === '') throw bad();
  if (parts.length === 2 && isMode(parts[1]!) && !parts[1]!.startsWith('/')) throw bad();
  const [source, destination, mode = ''] =
    parts.length === 1 ? [undefined, parts[0]!] : (parts as [string, string, string?]);
  if (!destination.startsWith('/'))
    throw bad(
      `invalid mount config for type "${isBindSource(source) ? 'bind' : 'volume'}": invalid mount path: '${destination}' mount path must be absolute`,
    );
  const place = cleanPath(destination);
  if (place === '/') throw bad(`invalid specification: destination can't be '/'`);
  const isBind = isBindSource(source);
  if (source !== undefined && !isBind && !/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(source)) {
    throw invalid(
      `create ${source}: "${source}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
    );
  }
  return {
    ...(source === undefined ? {} : { source: isBind ? cleanPath(source) : source }),
    destination: place,
    ...options(mode, isBind),
  };
}

type Options = Pick<BindSpec, 'rw' | 'mode' | 'propagation' | 'noCopy'>;

function options(mode: string, isBind: boolean): Options {
  const words = mode === '' ? [] : mode.split(',');
  const count = (set: readonly string[]) => words.filter((word) => set.includes(word)).length;
  const isKnown = words.every((word) => isMode(word));
  const once = [['ro', 'rw'], labels, propagations, ['nocopy'], consistencies].every(
    (set) => count(set) <= 1,
  );
  const fits = isBind ? count(['nocopy']) === 0 : count(propagations) === 0;
  if (!isKnown || !once || !fits) throw invalid(`invalid mode: ${mode}`);
  return {
    rw: !words.includes('ro'),
    mode,
    propagation: words.find((word) => propagations.includes(word)) ?? (isBind ? 'rprivate' : ''),
    noCopy: words.includes('nocopy'),
  };
}

const isMode = (word: string): boolean =>
  ['ro', 'rw', 'nocopy', ...labels, ...propagations, ...consistencies].includes(word);

/** Without `.`, `..`, doubled and final slashes. */
export function cleanPath(path: string): string {
  const clean = normalize(path);
  return clean.length > 1 && clean.endsWith('/') ? clean.slice(0, -1) : clean;
}

const isBindSource = (source: string | undefined): boolean => source?.startsWith('/') === true;
