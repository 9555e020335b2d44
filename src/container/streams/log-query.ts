import { invalid } from '#base/errors.ts';
import type { LogQuery } from '#logs/index.ts';
import type { LogRequest } from '../containers.ts';

/** What a request for logs means. @throws {EngineError} `invalid` for a time or number that is none */
export function logQuery(request: LogRequest, tty: boolean, ended: Promise<unknown> | undefined): LogQuery {
  const since = parseTime(request.since, 'since');
  const until = parseTime(request.until, 'until');
  const tail = parseTail(request.tail);
  return {
    stdout: request.stdout === true,
    stderr: request.stderr === true,
    timestamps: request.timestamps === true,
    framed: !tty,
    ...(tail === undefined ? {} : { tail }),
    ...(since === undefined || since === 0n ? {} : { since }),
    ...(until === undefined || until === 0n ? {} : { until }),
    ...(request.follow === true && ended !== undefined ? { follow: ended } : {}),
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  };
}

/** What is no number means all, as in Docker. */
function parseTail(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Seconds since 1970, with an optional fraction of at most nine digits: nanoseconds. */
export function parseTime(text: string | undefined, name: string): bigint | undefined {
  if (text === undefined || text === '') return undefined;
  const found = /^(\d+)(?:\.(\d{1,9})\d*)?$/.exec(text);
  if (found === null) throw invalid(`invalid value for "${name}": ${text}`);
  return BigInt(found[1]!) * 1_000_000_000n + BigInt((found[2] ?? '').padEnd(9, '0'));
}
