import type { IncomingMessage } from 'node:http';
import type { RouteTable } from '#base/router.ts';
import type { Actor } from '../access/actor.ts';
import type { Call } from './call.ts';
import type { Reply } from './reply.ts';

export type Handler = (call: Call) => Reply | Promise<Reply>;
export type Routes = RouteTable<Handler>;

/** A part of the Hub's addresses with its own way to know who asks and to say what went wrong. */
export interface Area {
  /** Its paths: what is beneath `/v2/`; `/token`, and what is beneath that. */
  readonly prefixes: readonly string[];
  readonly routes: Routes;
  /** @throws what `failed` answers */
  authenticate(request: IncomingMessage, address: string): Actor | Promise<Actor>;
  /** Where no route fits. */
  missing(call: Call): Reply | Promise<Reply>;
  /** An error as this area's clients read it. Undefined: the request goes wrong in a way that is nobody's to know (500). */
  failed(error: unknown, request: IncomingMessage): Reply | undefined;
}
