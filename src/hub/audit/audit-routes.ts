import { inFull } from '../accounts/asker.ts';
import { type Call, json, type Routes } from '../http/index.ts';
import type { HubRooms } from '../rooms.ts';
import { readAudit } from './audit-view.ts';

const mostEntries = 100;

/** `/api/audit` */
export const auditRoutes = ({ database }: HubRooms): Routes => ({
  'GET /api/audit': (call) => {
    const before = call.count('before', 0, Number.MAX_SAFE_INTEGER);
    return json(
      readAudit(database, inFull(call.actor), {
        ...{ owner: given(call, 'owner'), action: given(call, 'action'), actor: given(call, 'actor') },
        ...{ before: before === 0 ? undefined : before, size: call.count('size', 50, mostEntries) },
      }),
    );
  },
});

const given = (call: Call, name: string): string | undefined => call.query.get(name) || undefined;
