import { invalid } from '#base/errors.ts';

const protocols = ['tcp', 'udp', 'sctp'];

/**
 * The ports that EXPOSE's words mean: `80`, `53/udp`, `8000-8010/tcp`; a host's part before a colon counts for nothing.
 *
 * @throws {EngineError} `invalid`: `invalid containerPort: x`
 */
export function exposedPorts(words: readonly string[]): ReadonlySet<string> {
  return new Set(words.flatMap(portsOf));
}

function portsOf(word: string): string[] {
  const [range = '', protocol = 'tcp', ...more] = word.slice(word.lastIndexOf(':') + 1).split('/');
  const lower = (protocol || 'tcp').toLowerCase();
  if (more.length > 0 || !protocols.includes(lower)) throw invalid(`invalid proto: ${protocol}`);
  const found = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(range);
  if (found === null) throw invalid(`invalid containerPort: ${range}`);
  const [first, last] = [Number(found[1]), Number(found[2] ?? found[1])];
  if (first > 65535 || last > 65535 || last < first) throw invalid(`invalid containerPort: ${range}`);
  return Array.from({ length: last - first + 1 }, (_, at) => `${first + at}/${lower}`);
}
