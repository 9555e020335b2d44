import { EngineError, invalid, kindOf, messageOf } from '#base/errors.ts';
import type { Call } from '../call.ts';
import { empty, json, type Reply } from '../reply.ts';
import type { Routes } from '../router.ts';

export const buildCacheRoutes: Routes = {
  'POST /build/prune': prune,
  'POST /build/cancel': cancel,
};

async function prune(call: Call): Promise<Reply> {
  // until 1.48 what is to be kept had another name
  const reserved = bytesOf(call, 'reserved-space') ?? bytesOf(call, 'keep-storage');
  const maxUsed = bytesOf(call, 'max-used-space');
  const minFree = bytesOf(call, 'min-free-space');
  const wanted = {
    all: call.flag('all'),
    filters: call.filters(),
    ...(reserved !== undefined && { reservedSpace: reserved }),
    ...(maxUsed !== undefined && { maxUsedSpace: maxUsed }),
    ...(minFree !== undefined && { minFreeSpace: minFree }),
  };
  const { deleted, spaceReclaimed } = await call.engine.builds.prune(wanted).catch(asPruneFailure);
  return json({ CachesDeleted: deleted.length === 0 ? null : deleted, SpaceReclaimed: spaceReclaimed });
}

function asPruneFailure(error: unknown): never {
  throw new EngineError(kindOf(error), `failed to prune build cache: ${messageOf(error)}`, { cause: error });
}

function bytesOf(call: Call, name: string): number | undefined {
  const text = call.text(name);
  if (text === undefined) return undefined;
  if (!/^[+-]?\d{1,15}$/.test(text)) {
    const why = `strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`;
    throw invalid(`${name} is in bytes and expects an integer, got ${text}: ${why}`);
  }
  return Number(text);
}

/** Stops a build. One that is not under way is stopped already, as dockerd has it. */
function cancel(call: Call): Reply {
  const id = call.text('id');
  if (id === undefined) throw invalid('build ID not provided');
  try {
    call.engine.builds.cancel(id);
  } catch (error) {
    if (kindOf(error) !== 'notFound') throw error;
  }
  return empty(200);
}
