import type { RouteTable } from '#base/router.ts';
import type { Call } from './call.ts';
import type { Reply } from './reply.ts';

export type Handler = (call: Call) => Reply | Promise<Reply>;
export type Routes = RouteTable<Handler>;
