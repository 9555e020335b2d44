import { notFound } from '#base/errors.ts';
import type { Actor, Person } from '../access/index.ts';
import type { Invitation, Role } from '../api/accounts.ts';
import type { InvitationRecord, InvitedTo, NewAuditEntry, OrganisationRecord } from '../records/index.ts';
import type { HubRooms } from '../rooms.ts';
import type { Attempts } from './attempts.ts';
import { checkEmail } from './names.ts';
import { isSecret, newRecordId, newSecret, secretHash } from './secrets.ts';

const day = 24 * 60 * 60 * 1000;
const lifetime = 7 * day;
/** Used and expired ones are shown so long. */
const shownFor = 30 * day;
const mostOpen = 500;

/** Invitations to the Hub and to organisations: a code (`hhi_…`) that is good for one, for a week. */
export class Invitations {
  readonly #rooms: HubRooms;
  readonly #attempts: Attempts;

  constructor(rooms: HubRooms, attempts: Attempts) {
    this.#rooms = rooms;
    this.#attempts = attempts;
  }

  /** @param to the organisation, and the role there; the Hub when absent. @returns with the code, told this once. @throws {EngineError} `invalid` */
  async create(
    by: Person,
    email: string,
    to?: { readonly organisation: OrganisationRecord; readonly role: Role },
  ): Promise<Invitation> {
    if (email !== '') checkEmail(email);
    const code = newSecret('hhi_');
    const invitation = await this.#rooms.records.invitations.create(
      {
        ...{ id: newRecordId(), hash: secretHash(code), email, creatorId: by.id },
        ...(to !== undefined && { to: { organisationId: to.organisation.id, role: to.role } }),
        expiresAt: this.#at(lifetime),
      },
      { most: mostOpen, forgetBefore: this.#at(-shownFor) },
      {
        ...{ actor: by, action: 'invitation.create', target: to?.organisation.name ?? email },
        ownerId: to?.organisation.id ?? by.id,
        details: { email, ...(to !== undefined && { role: to.role }) },
      },
    );
    return { ...shown(invitation), code };
  }

  async list(to: InvitedTo): Promise<readonly Invitation[]> {
    return (await this.#rooms.records.invitations.list(to)).map(shown);
  }

  /** @throws {EngineError} `notFound` */
  remove(to: InvitedTo, id: string, by: Person): Promise<void> {
    return this.#rooms.records.invitations.remove(to, id, ({ email, to: invitedTo }) => ({
      ...{ actor: by, action: 'invitation.delete', target: invitedTo?.organisation ?? email },
      ...{ ownerId: invitedTo?.organisationId ?? by.id, details: { email } },
    }));
  }

  /** The invitation of a code, while it can be used. @throws {EngineError} `notFound`, the same whatever is wrong; {TooManyAttempts} */
  async get(code: string, address: string): Promise<InvitationRecord> {
    const invitation = isSecret('hhi_', code)
      ? await this.#rooms.records.invitations.find(secretHash(code))
      : undefined;
    if (invitation !== undefined) return invitation;
    await (await this.#attempts.secret(address)).failed();
    throw notFound('invitation', 'it is not known, was used, or has expired');
  }

  /** Uses up one to an organisation, for who is signed in. @throws {EngineError} `conflict` */
  accept({ id }: InvitationRecord, person: Person): Promise<void> {
    return this.#rooms.records.invitations.accept(id, person.id, joinEntry(person.name, person));
  }

  #at(afterNow: number): string {
    return new Date(this.#rooms.now().getTime() + afterNow).toISOString();
  }
}

/** What is written down when a user comes into an organisation by an invitation. */
export const joinEntry =
  (user: string, by: Actor) =>
  ({ to, createdBy }: InvitationRecord): NewAuditEntry => ({
    ...{ actor: by, action: 'member.join', target: to!.organisation, ownerId: to!.organisationId },
    details: { user, role: to!.role, invitedBy: createdBy },
  });

export const shown = ({ to, ...invitation }: InvitationRecord): Invitation => ({
  ...invitation,
  ...(to !== undefined && { organisation: to.organisation, role: to.role }),
});
