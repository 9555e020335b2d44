import { invalid } from '#base/errors.ts';
import type { PathStat } from '#engine/index.ts';
import type { Call } from '../call.ts';
import { bytes, empty, type Reply } from '../reply.ts';
import type { Routes } from '../router.ts';

export const containerFileRoutes: Routes = {
  'GET /containers/{id}/export': async (call) =>
    bytes(
      'application/octet-stream',
      await call.engine.containers.files.export(call.param('id'), call.signal),
      'first',
    ),
  'HEAD /containers/{id}/archive': async (call) => {
    const stat = await call.engine.containers.files.statPath(call.param('id'), pathOf(call));
    return { kind: 'empty', status: 200, headers: statHeaders(stat) };
  },
  'GET /containers/{id}/archive': async (call) => {
    const { stat, tar } = await call.engine.containers.files.getArchive(call.param('id'), pathOf(call));
    return bytes('application/x-tar', tar, 'first', statHeaders(stat));
  },
  'PUT /containers/{id}/archive': putArchive,
};

async function putArchive(call: Call): Promise<Reply> {
  await call.engine.containers.files.putArchive(call.param('id'), pathOf(call), call.body, {
    noOverwriteDirNonDir: call.flag('noOverwriteDirNonDir'),
    copyUidGid: call.flag('copyUIDGID'),
  });
  return empty(200);
}

function pathOf(call: Call): string {
  const path = call.text('path');
  if (path === undefined) throw invalid('bad parameter: path cannot be empty');
  return path;
}

const statHeaders = (stat: PathStat): Readonly<Record<string, string>> => ({
  'X-Docker-Container-Path-Stat': Buffer.from(JSON.stringify(stat)).toString('base64'),
});
