import { administrator } from '../accounts/asker.ts';
import type { AdminAccount, Collected, Status } from '../api/administration.ts';
import type { Page } from '../api/index.ts';
import { type Call, json, type Routes } from '../http/index.ts';
import type { Records } from '../records/index.ts';
import type { HubRooms } from '../rooms.ts';

export interface AdministrationOptions {
  readonly version: string;
  readonly startedAt: Date;
  /** Begins a collection, or waits for its turn. */
  readonly collect: (options: { readonly signal: AbortSignal }) => Promise<Collected>;
}

/** What administrators see of the whole. */
export const administrationRoutes = (
  { records }: Pick<HubRooms, 'records'>,
  options: AdministrationOptions,
): Routes => ({
  'GET /api/admin/accounts': async (call) => {
    administrator(call.actor);
    return json(await listAccounts(records, call));
  },
  'GET /api/admin/status': async ({ actor }) => {
    administrator(actor);
    return json(await statusOf(records, options));
  },
  'POST /api/admin/collect': async (call) => {
    const actor = administrator(call.actor);
    const collected = await options.collect({ signal: call.signal });
    const { at: _at, ...details } = collected;
    const { name } = await records.settings.get();
    await records.audit.add({ actor, action: 'hub.collect', target: name, details });
    return json(collected);
  },
});

/** Whose name, name to show or e-mail has the text. */
async function listAccounts(records: Records, call: Call): Promise<Page<AdminAccount>> {
  const { page, size, offset } = call.page();
  const text = call.query.get('q') ?? '';
  return { ...(await records.accounts.listForAdministrators({ text, offset, size })), page, size };
}

async function statusOf(records: Records, { version, startedAt }: AdministrationOptions): Promise<Status> {
  const lastCollection = await records.settings.lastCollection();
  return {
    ...{ version, startedAt: startedAt.toISOString() },
    ...(await records.status.counts()),
    ...(lastCollection !== undefined && { lastCollection }),
  };
}
