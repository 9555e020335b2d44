import { administrator } from '../accounts/asker.ts';
import type { AdminAccount, Collected, Status } from '../api/administration.ts';
import type { Page } from '../api/index.ts';
import { type Call, json, type Routes } from '../http/index.ts';
import type { HubRooms } from '../rooms.ts';
import { type PlanRow, planColumns, planOf } from '../usage/plans.ts';

export interface AdministrationOptions {
  readonly version: string;
  readonly startedAt: Date;
  /** Begins a collection, or waits for its turn. */
  readonly collect: (options: { readonly signal: AbortSignal }) => Promise<Collected>;
}

/** What administrators see of the whole. */
export const administrationRoutes = (rooms: HubRooms, options: AdministrationOptions): Routes => ({
  'GET /api/admin/accounts': (call) => {
    administrator(call.actor);
    return json(listAccounts(rooms, call));
  },
  'GET /api/admin/status': ({ actor }) => {
    administrator(actor);
    return json(statusOf(rooms, options));
  },
  'POST /api/admin/collect': async (call) => {
    const actor = administrator(call.actor);
    const collected = await options.collect({ signal: call.signal });
    const { at: _at, ...details } = collected;
    rooms.audit.add({ actor, action: 'hub.collect', target: rooms.settings.get().name, details });
    return json(collected);
  },
});

interface AccountRow extends PlanRow {
  readonly account_name: string;
  readonly kind: AdminAccount['kind'];
  readonly display_name: string;
  readonly email: string | null;
  readonly is_admin: number | null;
  readonly disabled_at: string | null;
  readonly totp_confirmed_at: string | null;
  readonly has_repositories: number;
  readonly has_bytes: number;
  readonly created_at: string;
}

/** Whose name, name to show or e-mail has the text. */
function listAccounts({ database }: HubRooms, call: Call): Page<AdminAccount> {
  const { page, size, offset } = call.page();
  const text = call.query.get('q') ?? '';
  const from = `FROM account a JOIN plan p ON p.id = a.plan_id LEFT JOIN user u ON u.account_id = a.id
    WHERE ?1 = '' OR instr(a.name, lower(?1)) > 0 OR instr(lower(a.display_name), lower(?1)) > 0
       OR instr(lower(coalesce(u.email, '')), lower(?1)) > 0`;
  const rows = database.all<AccountRow>(
    `SELECT a.name AS account_name, a.kind, a.display_name, u.email, u.is_admin, u.disabled_at, u.totp_confirmed_at,
            a.private_repositories AS has_repositories, a.private_bytes AS has_bytes, a.created_at, ${planColumns}
       ${from} ORDER BY a.name LIMIT ?2 OFFSET ?3`,
    ...[text, size, offset],
  );
  const { total } = database.get<{ total: number }>(`SELECT count(*) AS total ${from}`, text)!;
  return { items: rows.map(accountOf), total, page, size };
}

const accountOf = (row: AccountRow): AdminAccount => ({
  ...{ name: row.account_name, kind: row.kind, displayName: row.display_name, email: row.email ?? '' },
  isAdmin: row.is_admin === 1,
  isDisabled: row.disabled_at !== null,
  hasSecondFactor: row.totp_confirmed_at !== null,
  plan: planOf(row),
  privateRepositories: row.has_repositories,
  privateBytes: row.has_bytes,
  createdAt: row.created_at,
});

function statusOf({ database }: HubRooms, { version, startedAt }: AdministrationOptions): Status {
  const counts = database.get<
    Pick<Status, 'accounts' | 'repositories' | 'manifests' | 'blobs' | 'bytes' | 'badBlobs'>
  >(
    `SELECT (SELECT count(*) FROM account) AS accounts, (SELECT count(*) FROM repository) AS repositories,
            (SELECT count(*) FROM manifest_content) AS manifests, count(*) AS blobs,
            coalesce(sum(size), 0) AS bytes, count(bad_at) AS badBlobs
       FROM blob`,
  )!;
  const last = database.get<{ value: string }>("SELECT value FROM setting WHERE key = 'last-collection'");
  return {
    ...{ version, startedAt: startedAt.toISOString(), ...counts },
    ...(last !== undefined && { lastCollection: JSON.parse(last.value) as Collected }),
  };
}
