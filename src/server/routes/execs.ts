import { Duplex } from 'node:stream';
import { ExecConfig, ExecStartConfig, encodeFrame } from '#api/index.ts';
import { invalid, messageOf } from '#base/errors.ts';
import type { Call } from '../call.ts';
import { created, empty, json, type Reply, streamType } from '../reply.ts';
import type { Routes } from '../router.ts';
import { sizeOf } from './container-streams.ts';

export const execRoutes: Routes = {
  'POST /containers/{id}/exec': create,
  'POST /exec/{id}/start': start,
  'POST /exec/{id}/resize': async (call) => {
    await call.engine.containers.execs.resize(call.param('id'), sizeOf(call));
    return empty(200);
  },
  'GET /exec/{id}/json': (call) => json(call.engine.containers.execs.inspect(call.param('id'))),
};

async function create(call: Call): Promise<Reply> {
  const config = await call.json(ExecConfig);
  if ((config.Cmd ?? []).length === 0) throw invalid('No exec command specified');
  return created(await call.engine.containers.execs.create(call.param('id'), config));
}

async function start(call: Call): Promise<Reply> {
  const options = await call.json(ExecStartConfig);
  if ((options.ConsoleSize ?? []).length > 0 && options.Tty !== true)
    throw invalid('console size is only supported when TTY is enabled');
  const { execs } = call.engine.containers;
  const id = call.param('id');
  if (options.Detach === true) {
    await execs.start(id, { detach: true });
    return empty(200);
  }
  const { tty } = execs.inspect(id).ProcessConfig;
  const stream = async () => {
    try {
      const size = options.ConsoleSize && { consoleSize: options.ConsoleSize };
      return (await execs.start(id, { tty: options.Tty === true, ...size }))?.stream ?? told('', tty);
    } catch (error) {
      return told(`${messageOf(error)}\r\n`, tty);
    }
  };
  return { kind: 'hijack', type: streamType(tty, call.version), stream };
}

/** A program that cannot run is told of in its own output, as Docker does: the client then asks for the exit code. */
function told(message: string, tty: boolean): Duplex {
  const text = Buffer.from(message);
  const stream = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  if (text.length > 0) stream.push(tty ? text : encodeFrame('stdout', text));
  stream.push(null);
  return stream;
}
