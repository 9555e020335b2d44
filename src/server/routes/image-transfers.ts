import { invalid } from '#base/errors.ts';
import type { Call } from '../call.ts';
import { fetched } from '../fetch-source.ts';
import { bytes, lines, type Reply } from '../reply.ts';
import type { Routes } from '../router.ts';
import { fromRegistry } from '../status.ts';
import { platformOf } from '../versions.ts';

export const imageTransferRoutes: Routes = {
  'POST /images/create': createImage,
  'POST /images/{name*}/push': push,
  'GET /images/get': (call) =>
    save(
      call,
      call.query.getAll('names').flatMap((names) => names.split(',')),
    ),
  'GET /images/{name*}/get': (call) => save(call, [call.param('name')]),
  'POST /images/load': load,
};

/** Pulls with `fromImage`, imports with `fromSrc`. */
function createImage(call: Call): Reply {
  const image = call.text('fromImage');
  if (image !== undefined) return pull(call, image);
  const source = call.text('fromSrc');
  if (source === undefined) throw invalid('neither fromImage nor fromSrc is given');
  return importFrom(call, source);
}

function pull(call: Call, name: string): Reply {
  const tag = call.text('tag');
  const credentials = call.credentials();
  const platform = platformOf(call.text('platform'));
  return lines(
    fromRegistry(
      call.engine.images.pull({
        name,
        signal: call.signal,
        // a client that wants every tag gives none at all
        ...(tag === undefined && !/[@:][^/]*$/.test(name) ? { allTags: true } : {}),
        ...(tag && { tag }),
        ...(platform && { platform }),
        ...(credentials && { credentials }),
      }),
    ),
  );
}

function importFrom(call: Call, source: string): Reply {
  const repository = call.text('repo');
  const tag = call.text('tag');
  const message = call.text('message');
  const platform = platformOf(call.text('platform'));
  return lines(
    fromRegistry(
      call.engine.images.import({
        tar: source === '-' ? call.body : fetched(source, call.signal),
        source,
        signal: call.signal,
        changes: call.query.getAll('changes'),
        ...(repository && { name: tag === undefined ? repository : `${repository}:${tag}` }),
        ...(message && { message }),
        ...(platform && { platform }),
      }),
    ),
  );
}

function push(call: Call): Reply {
  const tag = call.text('tag');
  const credentials = call.credentials();
  return lines(
    fromRegistry(
      call.engine.images.push({
        name: call.param('name'),
        signal: call.signal,
        ...(tag && { tag }),
        ...(credentials && { credentials }),
      }),
    ),
  );
}

const save = (call: Call, names: readonly string[]): Reply =>
  bytes(
    'application/x-tar',
    call.engine.images.save(names.filter(Boolean), { signal: call.signal }),
    'first',
  );

function load(call: Call): Reply {
  const platform = platformOf(call.text('platform'));
  return lines(
    call.engine.images.load(call.body, {
      quiet: call.flag('quiet', true),
      signal: call.signal,
      ...(platform && { platform }),
    }),
  );
}
