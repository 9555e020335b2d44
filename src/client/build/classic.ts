import type { AuthConfig, JSONMessage } from '#api/index.ts';
import type { Daemon } from '../daemon.ts';
import { jsonValues } from '../json-stream.ts';
import { registryAuth } from '../registry-auth.ts';

/** The query of Docker's own `POST /build`; what has a JSON form is given as values. @see Engine API, ImageBuild */
export interface ClassicBuild {
  readonly dockerfile?: string;
  readonly t?: readonly string[];
  readonly remote?: string;
  readonly target?: string;
  readonly platform?: string;
  readonly networkmode?: string;
  readonly buildargs?: Readonly<Record<string, string | null>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly cachefrom?: readonly string[];
  readonly extrahosts?: readonly string[];
  readonly q?: boolean;
  readonly nocache?: boolean;
  readonly pull?: boolean;
  readonly rm?: boolean;
  readonly forcerm?: boolean;
  readonly squash?: boolean;
  readonly buildid?: string;
}

/**
 * Builds with the classic builder, which any daemon has. The stream must be read to its end; a build that fails is its
 * last message.
 *
 * @param context a tar, plain or compressed; none with `remote`
 * @param logins credentials by registry
 */
export async function buildClassic(
  daemon: Daemon,
  { buildargs, labels, cachefrom, ...query }: ClassicBuild,
  given: {
    readonly context?: AsyncIterable<Uint8Array>;
    readonly logins?: Readonly<Record<string, AuthConfig>>;
    readonly signal?: AbortSignal;
  } = {},
): Promise<AsyncIterable<JSONMessage>> {
  const json = (value: object | undefined) => value && JSON.stringify(value);
  const { context, logins, signal } = given;
  const answer = await daemon.call({
    method: 'POST',
    path: '/build',
    query: { ...query, buildargs: json(buildargs), labels: json(labels), cachefrom: json(cachefrom) },
    ...(logins && { headers: { 'X-Registry-Config': registryAuth(logins) } }),
    ...(context && { stream: context }),
    ...(signal && { signal }),
  });
  return jsonValues(answer.body);
}
