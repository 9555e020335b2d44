import { conflict } from '#base/errors.ts';
import {
  InvitationCode,
  NewInvitation,
  NewOrganisation,
  NewTeam,
  OrganisationChange,
  RoleChange,
} from '../api/accounts.ts';
import { type Call, created, empty, json, type Routes } from '../http/index.ts';
import type { HubRooms } from '../rooms.ts';
import { administrator, inFull } from './asker.ts';
import { inField } from './failure.ts';
import { type Invitations, shown } from './invitations.ts';
import { checkAccountName, checkEmail } from './names.ts';
import { checkRole, type Organisations } from './organisations.ts';
import { newRecordId } from './secrets.ts';
import { checkTeamDescription, Teams } from './teams.ts';
import type { Users } from './users.ts';

interface Parts {
  readonly users: Users;
  readonly organisations: Organisations;
  readonly invitations: Invitations;
}

const at = '/api/organisations/{name}';

/** Accounts as others see them; organisations, their people and teams. */
export function organisationRoutes(rooms: HubRooms, { users, organisations }: Parts): Routes {
  const seen = (call: Call) => organisations.for(call.actor, call.param('name'), 'read');
  const owned = (call: Call) => organisations.for(call.actor, call.param('name'), 'admin');
  const teams = (call: Call) => new Teams(rooms, owned(call));

  return {
    'GET /api/accounts/{name}': (call) => json(organisations.account(call.actor, call.param('name'))),

    'POST /api/organisations': async (call) => {
      const maker = inFull(call.actor);
      const { name = '', displayName } = await call.json(NewOrganisation);
      inField('name', () => checkAccountName(name));
      inField('name', () => users.checkFree(name));
      organisations.create(maker, { name, displayName });
      return created(organisations.account(maker, name));
    },
    [`PATCH ${at}`]: async (call) => {
      const organisation = owned(call);
      organisations.change(organisation, await call.json(OrganisationChange), call.actor);
      return json(organisations.account(call.actor, organisation.name));
    },
    [`DELETE ${at}`]: (call) => {
      organisations.remove(owned(call), call.actor);
      return empty();
    },

    [`GET ${at}/members`]: (call) => json(organisations.members(seen(call))),
    [`PUT ${at}/members/{user}`]: async (call) => {
      const organisation = owned(call);
      const role = checkRole((await call.json(RoleChange)).role);
      organisations.setMember(organisation, call.param('user'), { role, by: call.actor });
      return empty();
    },
    [`DELETE ${at}/members/{user}`]: (call) => {
      // one may leave
      const isSelf = call.actor.kind === 'person' && inFull(call.actor).name === call.param('user');
      organisations.removeMember(isSelf ? seen(call) : owned(call), call.param('user'), call.actor);
      return empty();
    },

    [`GET ${at}/teams`]: (call) => json(new Teams(rooms, seen(call)).list(call.actor)),
    [`POST ${at}/teams`]: async (call) => {
      const of = teams(call);
      const { name = '', description = '' } = await call.json(NewTeam);
      inField('description', () => checkTeamDescription(description));
      inField('name', () => of.create({ name, description }, { id: newRecordId(), by: call.actor }));
      return created(team(of, call, name));
    },
    [`GET ${at}/teams/{team}`]: (call) =>
      json(new Teams(rooms, seen(call)).detail(call.actor, call.param('team'))),
    [`PATCH ${at}/teams/{team}`]: async (call) => {
      const of = teams(call);
      const change = await call.json(NewTeam);
      inField('description', () => checkTeamDescription(change.description ?? ''));
      inField('name', () => of.change(call.param('team'), change, call.actor));
      return json(team(of, call, change.name ?? call.param('team')));
    },
    [`DELETE ${at}/teams/{team}`]: (call) => {
      teams(call).remove(call.param('team'), call.actor);
      return empty();
    },
    [`PUT ${at}/teams/{team}/members/{user}`]: (call) => {
      teams(call).addMember(call.param('team'), call.param('user'), call.actor);
      return empty();
    },
    [`DELETE ${at}/teams/{team}/members/{user}`]: (call) => {
      teams(call).removeMember(call.param('team'), call.param('user'), call.actor);
      return empty();
    },
  };
}

const team = (of: Teams, call: Call, name: string) => of.list(call.actor).find((each) => each.name === name);

/** Invitations to organisations and to the Hub, and what they are used for by who is signed in. */
export function invitationRoutes({ database }: HubRooms, { organisations, invitations }: Parts): Routes {
  const owned = (call: Call) => organisations.for(inFull(call.actor), call.param('name'), 'admin');

  return {
    [`GET ${at}/invitations`]: (call) => json(invitations.list(owned(call).id)),
    [`POST ${at}/invitations`]: async (call) => {
      const organisation = owned(call);
      const { email = '', role } = await call.json(NewInvitation);
      if (email !== '') inField('email', () => checkEmail(email));
      const to = { organisation, role: checkRole(role ?? 'member') };
      return created(invitations.create(inFull(call.actor), email, to));
    },
    [`DELETE ${at}/invitations/{id}`]: (call) => {
      invitations.remove(owned(call).id, call.param('id'), inFull(call.actor));
      return empty();
    },

    'GET /api/admin/invitations': ({ actor }) => {
      administrator(actor);
      return json(invitations.list(null));
    },
    'POST /api/admin/invitations': async (call) => {
      const by = administrator(call.actor);
      const { email = '' } = await call.json(NewInvitation);
      if (email !== '') inField('email', () => checkEmail(email));
      return created(invitations.create(by, email));
    },
    'DELETE /api/admin/invitations/{id}': (call) => {
      invitations.remove(null, call.param('id'), administrator(call.actor));
      return empty();
    },

    'POST /api/invitations/accept': async (call) => {
      const { code = '', isDry = false } = await call.json(InvitationCode);
      // looked at before one signs in or up: the code says that one may
      if (isDry) return json(shown(invitations.get(code, call.actor.address)));
      const person = inFull(call.actor);
      const invitation = invitations.get(code, person.address);
      if (invitation.organisation_id === null)
        throw conflict('that invitation is for signing up, and you have');
      database.transaction(() => invitations.take(invitation, person, person));
      return json({ ...shown(invitation), usedBy: person.name });
    },
  };
}
