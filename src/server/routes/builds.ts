import { duplexPair } from 'node:stream';
import { BuildRequest, type BuildSummary, ContextDigests, type ContextOffer } from '#api/index.ts';
import { invalid, notFound } from '#base/errors.ts';
import type { Call } from '../call.ts';
import { bytes, empty, json, lines, type Reply } from '../reply.ts';
import type { Routes } from '../router.ts';

/** The builder's own edge. @see src/api/build.ts */
export const buildsRoutes: Routes = {
  'POST /hoist/contexts': async (call) => json(await call.engine.builds.contexts.offer(await offerOf(call))),
  'POST /hoist/contexts/tar': async (call) =>
    json(await call.engine.builds.contexts.receive(call.body, call.signal)),
  'POST /hoist/contexts/{id}/digests': async (call) =>
    json(await call.engine.builds.contexts.digests(call.param('id'), await call.json(ContextDigests))),
  'PUT /hoist/contexts/{id}/files': async (call) =>
    json(await call.engine.builds.contexts.files(call.param('id'), call.body, call.signal)),
  'POST /hoist/builds': async (call) =>
    lines(call.engine.builds.build(await call.json(BuildRequest), call.signal)),
  'GET /hoist/builds': (call) => json(call.engine.builds.history()),
  'GET /hoist/builds/{id}': (call) => json(summaryOf(call)),
  'DELETE /hoist/builds/{id}': async (call) => {
    await call.engine.builds.forget(call.param('id'));
    return empty();
  },
  'GET /hoist/builds/{id}/events': (call) => lines(call.engine.builds.events(call.param('id'))),
  'GET /hoist/builds/{id}/output/{n}': (call) =>
    bytes('application/x-tar', call.engine.builds.output(call.param('id'), Number(call.param('n'))), 'first'),
  'POST /hoist/builds/{id}/ssh/{name}': agent,
};

/** Bytes of a listing at most: some millions of files. */
const maxListing = 1 << 29;

/** A listing is checked where it is read, file by file: there may be a million. */
async function offerOf(call: Call): Promise<ContextOffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of call.body) {
    size += chunk.length;
    if (size > maxListing) throw invalid(`a listing of more than ${maxListing} bytes`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString()) as ContextOffer;
  } catch (cause) {
    throw invalid(`invalid JSON: ${(cause as Error).message}`, { cause });
  }
}

function summaryOf(call: Call): BuildSummary {
  const id = call.param('id');
  const found = call.engine.builds.history().filter((build) => build.id.startsWith(id));
  const [only] = found;
  if (only === undefined || found.length > 1) throw notFound('build', id);
  return only;
}

/** The connection is parked until a step speaks to the agent. */
function agent(call: Call): Reply {
  const [outer, inner] = duplexPair();
  call.engine.builds.offerAgent(call.param('id'), call.param('name'), inner).catch(() => inner.destroy());
  return { kind: 'hijack', type: 'application/vnd.hoist.agent', stream: outer };
}
