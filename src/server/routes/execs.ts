import { Duplex } from 'node:stream';
import { ExecConfig, ExecStartConfig, encodeFrame } from '#api/index.ts';
import { invalid, kindOf, messageOf } from '#base/errors.ts';
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
  const id = call.param('id');
  const tty = options.Tty === true;
  if ((options.ConsoleSize ?? []).length > 0 && !tty)
    throw invalid('console size is only supported when TTY is enabled');
  try {
    const attachment = await call.engine.containers.execs.start(id, {
      detach: options.Detach === true,
      tty,
      ...(options.ConsoleSize && { consoleSize: options.ConsoleSize }),
    });
    if (attachment === undefined) return empty(200);
    return { kind: 'hijack', type: streamType(attachment.tty, call.version), stream: attachment.stream };
  } catch (error) {
    if (options.Detach === true || kindOf(error) === 'notFound' || kindOf(error) === 'conflict') throw error;
    return { kind: 'hijack', type: streamType(tty, call.version), stream: told(messageOf(error), tty) };
  }
}

/** A program that cannot run is told of in its own output, as Docker does: the client then asks for the exit code. */
function told(message: string, tty: boolean): Duplex {
  const text = Buffer.from(`${message}\r\n`);
  const stream = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  stream.push(tty ? text : encodeFrame('stdout', text));
  stream.push(null);
  return stream;
}
