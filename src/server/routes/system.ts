import { AuthConfig, type AuthResponse, apiVersion, ContainerConfig, queryTime } from '#api/index.ts';
import { invalid } from '#base/errors.ts';
import type { UsageKind } from '#engine/index.ts';
import type { Call } from '../call.ts';
import { created, json, lines, type Reply } from '../reply.ts';
import type { Routes } from '../router.ts';
import { registryFailure } from '../status.ts';
import { dataUsageFor, infoFor, legacyEvents } from '../versions.ts';

export const systemRoutes: Routes = {
  'GET /_ping': () => ping('OK'),
  'HEAD /_ping': () => ping(''),
  'GET /version': ({ engine }) => json(engine.version()),
  'GET /info': async (call) => json(infoFor(await call.engine.info(), call.version)),
  'GET /events': events,
  'GET /system/df': dataUsage,
  'POST /auth': auth,
  'POST /commit': commit,
};

/** @see Engine API, SystemPing: what a client learns before it speaks a version */
const ping = (body: string): Reply => ({
  kind: 'text',
  status: 200,
  body,
  headers: {
    'Api-Version': apiVersion,
    'Builder-Version': '1',
    'Cache-Control': 'no-cache, no-store, must-revalidate',
    Pragma: 'no-cache',
    Swarm: 'inactive',
  },
});

function events(call: Call): Reply {
  const since = queryTime(call.query.get('since'));
  const until = queryTime(call.query.get('until'));
  if (since !== undefined && until !== undefined && since > until)
    throw invalid(
      '`since` time (%s) cannot be after `until` time (%s)'
        .replace('%s', String(call.text('since')))
        .replace('%s', String(call.text('until'))),
    );
  const feed = call.engine.events.subscribe({
    filter: call.filters(),
    signal: call.signal,
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  });
  return lines(legacyEvents(feed), 'now');
}

const usageKinds: readonly string[] = ['container', 'image', 'volume', 'build-cache'] satisfies UsageKind[];

async function dataUsage(call: Call): Promise<Reply> {
  const kinds = call.query.getAll('type');
  const unknown = kinds.find((kind) => !usageKinds.includes(kind));
  if (unknown !== undefined) throw invalid(`unknown object type: ${unknown}`);
  return json(dataUsageFor(await call.engine.dataUsage(kinds as UsageKind[]), call.version));
}

async function auth(call: Call): Promise<Reply> {
  const credentials = await call.json(AuthConfig);
  const { identityToken } = await call.engine.images
    .login(credentials, { signal: call.signal })
    .catch((error: unknown) => Promise.reject(registryFailure(error)));
  const reply: AuthResponse = {
    Status: 'Login Succeeded',
    ...(identityToken && { IdentityToken: identityToken }),
  };
  return json(reply);
}

async function commit(call: Call): Promise<Reply> {
  const config = await call.optionalJson(ContainerConfig);
  const repository = call.text('repo');
  const tag = call.text('tag');
  const { Id } = await call.engine.commit({
    container: call.text('container') ?? '',
    pause: call.flag('pause', true),
    changes: call.query
      .getAll('changes')
      .flatMap((change) => change.split('\n'))
      .filter((change) => change.trim() !== ''),
    ...(repository && { name: tag === undefined ? repository : `${repository}:${tag}` }),
    ...(call.text('comment') && { comment: call.text('comment')! }),
    ...(call.text('author') && { author: call.text('author')! }),
    ...(config && { config }),
  });
  return created({ Id });
}
