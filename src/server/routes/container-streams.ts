import { invalid } from '#base/errors.ts';
import type { Attachment } from '#engine/index.ts';
import type { Call } from '../call.ts';
import { bytes, empty, lines, type Reply, streamType } from '../reply.ts';
import type { Routes } from '../router.ts';

export const containerStreamRoutes: Routes = {
  'POST /containers/{id}/attach': attach,
  'GET /containers/{id}/attach/ws': async (call) => {
    const { tty, stream } = await attachment(call);
    return { kind: 'websocket', tty, stream };
  },
  'GET /containers/{id}/logs': logs,
  'POST /containers/{id}/resize': async (call) => {
    await call.engine.containers.streams.resize(call.param('id'), sizeOf(call));
    return empty(200);
  },
  'GET /containers/{id}/stats': stats,
};

async function attach(call: Call): Promise<Reply> {
  const { tty, stream, offer } = await attachment(call);
  return { kind: 'hijack', type: streamType(tty, call.version), stream, ...(offer && { offer }) };
}

function attachment(call: Call): Promise<Attachment> {
  const detachKeys = call.text('detachKeys');
  return call.engine.containers.streams.attach(call.param('id'), {
    stdin: call.flag('stdin'),
    stdout: call.flag('stdout'),
    stderr: call.flag('stderr'),
    logs: call.flag('logs'),
    stream: call.flag('stream'),
    ...(detachKeys && { detachKeys }),
  });
}

async function logs(call: Call): Promise<Reply> {
  if (!call.flag('stdout') && !call.flag('stderr'))
    throw invalid('Bad parameters: you must choose at least one stream');
  const tail = call.text('tail');
  const since = call.text('since');
  const until = call.text('until');
  const { tty, stream } = await call.engine.containers.streams.logs(call.param('id'), {
    stdout: call.flag('stdout'),
    stderr: call.flag('stderr'),
    follow: call.flag('follow'),
    timestamps: call.flag('timestamps'),
    signal: call.signal,
    ...(tail && { tail }),
    ...(since && { since }),
    ...(until && { until }),
  });
  return bytes(streamType(tty, call.version), stream, 'now');
}

/** Height and width, both required. */
export function sizeOf(call: Call): { readonly width: number; readonly height: number } {
  const height = call.integer('h');
  const width = call.integer('w');
  if (height === undefined || width === undefined) throw invalid('strconv.Atoi: parsing "": invalid syntax');
  return { width, height };
}

function stats(call: Call): Reply {
  const samples = call.engine.containers.views.stats(call.param('id'), {
    stream: call.flag('stream', true),
    oneShot: call.version >= 41 && call.flag('one-shot'),
    signal: call.signal,
  });
  return lines(samples);
}
