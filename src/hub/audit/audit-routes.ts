import { inFull } from '../accounts/asker.ts';
import { type Call, json, type Routes } from '../http/index.ts';
import type { HubRooms } from '../rooms.ts';

const mostEntries = 100;

/**
 * `/api/audit`: to administrators all; to others what they did themselves, and what was done to what is their account's or that
 * of an organisation they own.
 */
export const auditRoutes = ({ records }: Pick<HubRooms, 'records'>): Routes => ({
  'GET /api/audit': async (call) => {
    const person = inFull(call.actor);
    const before = call.count('before', 0, Number.MAX_SAFE_INTEGER);
    return json(
      await records.audit.list({
        visibleTo: person.isAdmin ? undefined : person.id,
        ...{ owner: given(call, 'owner'), action: given(call, 'action'), actor: given(call, 'actor') },
        ...{ before: before === 0 ? undefined : before, size: call.count('size', 50, mostEntries) },
      }),
    );
  },
});

const given = (call: Call, name: string): string | undefined => call.query.get(name) || undefined;
