import { administrator, signedIn } from '../accounts/asker.ts';
import { PlanChange, PlanChoice } from '../api/administration.ts';
import { created, empty, json, type Routes } from '../http/index.ts';
import type { HubRooms } from '../rooms.ts';
import type { Plans } from './plans.ts';
import type { Pulls } from './pull-meter.ts';
import { usageOf } from './usage-view.ts';

/** `/api/plans…`, and what an account has of its own. */
export const planRoutes = (
  rooms: HubRooms,
  { plans, pulls }: { readonly plans: Plans; readonly pulls: Pulls },
): Routes => ({
  'GET /api/plans': async () => json(await plans.list()),
  'POST /api/plans': async (call) => {
    const person = administrator(call.actor);
    return created(await plans.create(person, await call.json(PlanChange)));
  },
  'PATCH /api/plans/{id}': async (call) => {
    const person = administrator(call.actor);
    return json(await plans.change(person, call.param('id'), await call.json(PlanChange)));
  },
  'DELETE /api/plans/{id}': async (call) => {
    await plans.remove(administrator(call.actor), call.param('id'));
    return empty();
  },
  'PUT /api/accounts/{name}/plan': async (call) => {
    const person = administrator(call.actor);
    await plans.give(person, call.param('name'), (await call.json(PlanChoice)).plan ?? '');
    return empty();
  },
  'GET /api/accounts/{name}/usage': async (call) =>
    json(await usageOf(rooms, pulls, { actor: signedIn(call.actor), name: call.param('name') })),
});
