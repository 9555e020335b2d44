import { duplexPair } from 'node:stream';
import { BuildRequest, ContextDigests, ContextOffer } from '#api/index.ts';
import { notFound } from '#base/errors.ts';
import type { Call } from '../call.ts';
import { bytes, empty, json, lines, type Reply } from '../reply.ts';
import type { Routes } from '../router.ts';

/** The builder's own edge. @see src/api/build.ts */
export const buildsRoutes: Routes = {
  'POST /hoist/contexts': async (call) =>
    json(await call.engine.builds.contexts.offer(await call.json(ContextOffer, maxListingBytes))),
  'POST /hoist/contexts/tar': async ({ engine, body, signal }) => {
    const { id } = await engine.builds.contexts.receive(body, signal);
    return json({ id, wanted: [] });
  },
  'POST /hoist/contexts/{id}/digests': async (call) =>
    json(
      await call.engine.builds.contexts.digests(
        call.param('id'),
        await call.json(ContextDigests, maxListingBytes),
      ),
    ),
  'PUT /hoist/contexts/{id}/files': async (call) =>
    json(await call.engine.builds.contexts.files(call.param('id'), call.body, call.signal)),
  'POST /hoist/builds': async (call) =>
    lines(call.engine.builds.build(await call.json(BuildRequest, maxRequestBytes), call.signal)),
  'GET /hoist/builds': ({ engine }) => json(engine.builds.history()),
  'GET /hoist/builds/{id}': (call) => json(call.engine.builds.get(call.param('id'))),
  'DELETE /hoist/builds/{id}': async (call) => {
    await call.engine.builds.forget(call.param('id'));
    return empty();
  },
  'GET /hoist/builds/{id}/events': (call) => lines(call.engine.builds.events(call.param('id'))),
  'GET /hoist/builds/{id}/output/{n}': output,
  'POST /hoist/builds/{id}/ssh/{name}': agent,
};

/** Of a million files. */
const maxListingBytes = 256 << 20;
/** Of a request with its secrets and a Dockerfile in it. */
const maxRequestBytes = 64 << 20;

function output(call: Call): Reply {
  const n = call.param('n');
  if (!/^\d{1,4}$/.test(n)) throw notFound('build output', n);
  return bytes('application/x-tar', call.engine.builds.output(call.param('id'), Number(n)), 'first');
}

/** The connection waits until a step speaks to the client's agent through it. */
function agent(call: Call): Reply {
  const [ours, theirs] = duplexPair();
  // the hijack, the builder and the step's own join each watch its end
  theirs.setMaxListeners(30);
  ours.setMaxListeners(30);
  theirs.once('close', () => {
    // what was said before the end is still to be read
    if (!theirs.writableFinished) ours.destroy();
  });
  ours.once('close', () => theirs.destroy());
  const used = call.engine.builds.offerAgent(call.param('id'), call.param('name'), theirs);
  used.catch(() => undefined).finally(() => theirs.end());
  return { kind: 'hijack', type: 'application/vnd.hoist.agent', stream: ours };
}
