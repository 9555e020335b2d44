import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '#base/log.ts';
import type { Actor } from '../access/index.ts';
import type { Area } from '../http/index.ts';

/**
 * A line for each request: what was asked for and of whom, by whom, what came of it. Never what follows a `?`, nor a header:
 * there are secrets.
 */
export class AccessLog {
  readonly #log: Log;
  readonly #actors = new WeakMap<IncomingMessage, Actor>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** The area, with a look at who asks. */
  watched(area: Area): Area {
    return {
      ...area,
      authenticate: async (request, address) => {
        const actor = await area.authenticate(request, address);
        this.#actors.set(request, actor);
        return actor;
      },
    };
  }

  /** Writes the line once the request is over. */
  follow(request: IncomingMessage, response: ServerResponse, address: string): void {
    const started = performance.now();
    response.once('close', () => {
      const actor = this.#actors.get(request);
      this.#log.info('request', {
        method: request.method,
        path: pathOf(request),
        status: response.headersSent ? response.statusCode : 0,
        ...(!response.writableFinished && { aborted: true }),
        ms: Math.round(performance.now() - started),
        address,
        ...(actor?.kind === 'person' && { user: actor.name }),
      });
    });
  }
}

const pathOf = ({ url = '' }: IncomingMessage): string => url.split('?', 1)[0]!.slice(0, 512);
