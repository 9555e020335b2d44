import { forbidden, invalid, notFound, unauthorized } from '#base/errors.ts';
import { type Actor, type Person, reaches } from '../access/index.ts';
import type { Account, Level, Member, Role } from '../api/accounts.ts';
import type { NewAuditEntry, OrganisationRecord } from '../records/index.ts';
import type { HubRooms } from '../rooms.ts';
import { checkVisibility } from './account-record.ts';
import { checkAccountName, checkDisplayName } from './names.ts';
import { newRecordId } from './secrets.ts';

const roleOf: Readonly<Record<Level, Role>> = { admin: 'owner', write: 'editor', read: 'member' };

/** @throws {EngineError} `invalid` */
export function checkRole(role: string | undefined): Role {
  if (role !== 'owner' && role !== 'editor' && role !== 'member')
    throw invalid('a role is owner, editor or member');
  return role;
}

/** Organisations and who is in them. Their names are public; the rest is their members' to see and their owners' to change. */
export class Organisations {
  readonly #rooms: HubRooms;

  constructor(rooms: HubRooms) {
    this.#rooms = rooms;
  }

  /** A user's or an organisation's public face, with more for who is in it. @throws {EngineError} `notFound` */
  async account(actor: Actor, name: string): Promise<Account> {
    const { records, access } = this.#rooms;
    const account = await records.accounts.find(name);
    if (account === undefined) throw notFound('account', name);
    const { id, defaultVisibility, ...face } = account;
    const level = await access.inAccount(actor, id);
    return { ...face, ...(level !== 'none' && { role: roleOf[level], defaultVisibility }) };
  }

  /**
   * An organisation, for one who may do that much in it: read what members see, admin what owners do.
   *
   * @throws {EngineError} `notFound`, `unauthorized`, `forbidden`
   */
  async for(actor: Actor, name: string, level: Level): Promise<OrganisationRecord> {
    const { records, access } = this.#rooms;
    const organisation = await records.organisations.find(name);
    if (organisation === undefined) throw notFound('organisation', name);
    if (reaches(await access.inAccount(actor, organisation.id), level)) return organisation;
    if (actor.kind === 'stranger') throw unauthorized('sign in first');
    throw forbidden(`that is for the ${level === 'read' ? 'members' : 'owners'} of ${name}`);
  }

  /** Its maker owns it. @throws {EngineError} `invalid`, `conflict` */
  async create(
    maker: Person,
    { name, displayName = '' }: { readonly name: string; readonly displayName?: string | undefined },
  ): Promise<void> {
    checkAccountName(name);
    checkDisplayName(displayName);
    const id = newRecordId();
    await this.#rooms.records.organisations.create(
      { id, name, displayName, makerId: maker.id },
      entryOf({ id, name }, 'organisation.create', maker),
    );
  }

  /** @throws {EngineError} `invalid` */
  async change(
    organisation: OrganisationRecord,
    change: { readonly displayName?: string | undefined; readonly defaultVisibility?: string | undefined },
    by: Actor,
  ): Promise<void> {
    const { displayName, defaultVisibility } = change;
    if (displayName !== undefined) checkDisplayName(displayName);
    if (defaultVisibility !== undefined) checkVisibility(defaultVisibility);
    await this.#rooms.records.organisations.change(
      organisation.id,
      { displayName, defaultVisibility },
      { ...entryOf(organisation, 'organisation.change', by), details: change },
    );
  }

  /** @throws {EngineError} `conflict` while it has repositories */
  remove(organisation: OrganisationRecord, by: Actor): Promise<void> {
    const { records } = this.#rooms;
    return records.organisations.remove(organisation.id, entryOf(organisation, 'organisation.delete', by));
  }

  members({ id }: OrganisationRecord): Promise<readonly Member[]> {
    return this.#rooms.records.organisations.members(id);
  }

  /** Makes a user a member, or a member something else. @throws {EngineError} `notFound`; `conflict` for the last owner */
  setMember(
    organisation: OrganisationRecord,
    user: string,
    { role, by }: { readonly role: Role; readonly by: Actor },
  ): Promise<void> {
    const { records } = this.#rooms;
    return records.organisations.setMember(organisation.id, { userName: user, role }, (had) => ({
      ...entryOf(organisation, 'member.set', by),
      details: { user, role, ...(had !== undefined && { from: had }) },
    }));
  }

  /** With it goes its place in teams. @throws {EngineError} `notFound`; `conflict` for the last owner */
  removeMember(organisation: OrganisationRecord, user: string, by: Actor): Promise<void> {
    return this.#rooms.records.organisations.removeMember(organisation.id, user, {
      ...entryOf(organisation, 'member.remove', by),
      details: { user },
    });
  }
}

const entryOf = ({ id, name }: OrganisationRecord, action: string, by: Actor): NewAuditEntry => ({
  ...{ actor: by, action, target: name, ownerId: id },
});
