import { conflict } from '#base/errors.ts';
import {
  InvitationCode,
  NewInvitation,
  NewOrganisation,
  NewTeam,
  OrganisationChange,
  RoleChange,
  type Team,
} from '../api/accounts.ts';
import { type Call, created, empty, json, type Routes } from '../http/index.ts';
import type { HubRooms } from '../rooms.ts';
import { administrator, inFull } from './asker.ts';
import { inField } from './failure.ts';
import { type Invitations, shown } from './invitations.ts';
import { checkAccountName, checkEmail } from './names.ts';
import { checkRole, type Organisations } from './organisations.ts';
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
  const teams = async (call: Call) => new Teams(rooms, await owned(call));

  return {
    'GET /api/accounts/{name}': async (call) =>
      json(await organisations.account(call.actor, call.param('name'))),

    'POST /api/organisations': async (call) => {
      const maker = inFull(call.actor);
      const { name = '', displayName } = await call.json(NewOrganisation);
      await inField('name', () => checkAccountName(name));
      await inField('name', () => users.checkFree({ name }));
      await organisations.create(maker, { name, displayName });
      return created(await organisations.account(maker, name));
    },
    [`PATCH ${at}`]: async (call) => {
      const organisation = await owned(call);
      await organisations.change(organisation, await call.json(OrganisationChange), call.actor);
      return json(await organisations.account(call.actor, organisation.name));
    },
    [`DELETE ${at}`]: async (call) => {
      await organisations.remove(await owned(call), call.actor);
      return empty();
    },

    [`GET ${at}/members`]: async (call) => json(await organisations.members(await seen(call))),
    [`PUT ${at}/members/{user}`]: async (call) => {
      const organisation = await owned(call);
      const role = checkRole((await call.json(RoleChange)).role);
      await organisations.setMember(organisation, call.param('user'), { role, by: call.actor });
      return empty();
    },
    [`DELETE ${at}/members/{user}`]: async (call) => {
      // one may leave
      const isSelf = call.actor.kind === 'person' && inFull(call.actor).name === call.param('user');
      const organisation = await (isSelf ? seen(call) : owned(call));
      await organisations.removeMember(organisation, call.param('user'), call.actor);
      return empty();
    },

    [`GET ${at}/teams`]: async (call) => json(await new Teams(rooms, await seen(call)).list(call.actor)),
    [`POST ${at}/teams`]: async (call) => {
      const of = await teams(call);
      const { name = '', description = '' } = await call.json(NewTeam);
      await inField('description', () => checkTeamDescription(description));
      await inField('name', () => of.create({ name, description }, call.actor));
      return created(await team(of, call, name));
    },
    [`GET ${at}/teams/{team}`]: async (call) =>
      json(await new Teams(rooms, await seen(call)).detail(call.actor, call.param('team'))),
    [`PATCH ${at}/teams/{team}`]: async (call) => {
      const of = await teams(call);
      const change = await call.json(NewTeam);
      await inField('description', () => checkTeamDescription(change.description ?? ''));
      await inField('name', () => of.change(call.param('team'), change, call.actor));
      return json(await team(of, call, change.name ?? call.param('team')));
    },
    [`DELETE ${at}/teams/{team}`]: async (call) => {
      await (await teams(call)).remove(call.param('team'), call.actor);
      return empty();
    },
    [`PUT ${at}/teams/{team}/members/{user}`]: async (call) => {
      await (await teams(call)).addMember(call.param('team'), call.param('user'), call.actor);
      return empty();
    },
    [`DELETE ${at}/teams/{team}/members/{user}`]: async (call) => {
      await (await teams(call)).removeMember(call.param('team'), call.param('user'), call.actor);
      return empty();
    },
  };
}

/** As lists show it. */
async function team(of: Teams, call: Call, teamName: string): Promise<Team> {
  const { name, description, members, repositories } = await of.detail(call.actor, teamName);
  return { name, description, members, repositories };
}

/** Invitations to organisations and to the Hub, and what they are used for by who is signed in. */
export function invitationRoutes({ organisations, invitations }: Parts): Routes {
  const owned = (call: Call) => organisations.for(inFull(call.actor), call.param('name'), 'admin');
  const ofOwned = async (call: Call) => ({ organisationId: (await owned(call)).id });

  return {
    [`GET ${at}/invitations`]: async (call) => json(await invitations.list(await ofOwned(call))),
    [`POST ${at}/invitations`]: async (call) => {
      const organisation = await owned(call);
      const { email = '', role } = await call.json(NewInvitation);
      if (email !== '') await inField('email', () => checkEmail(email));
      const to = { organisation, role: checkRole(role ?? 'member') };
      return created(await invitations.create(inFull(call.actor), email, to));
    },
    [`DELETE ${at}/invitations/{id}`]: async (call) => {
      await invitations.remove(await ofOwned(call), call.param('id'), inFull(call.actor));
      return empty();
    },

    'GET /api/admin/invitations': async ({ actor }) => {
      administrator(actor);
      return json(await invitations.list('hub'));
    },
    'POST /api/admin/invitations': async (call) => {
      const by = administrator(call.actor);
      const { email = '' } = await call.json(NewInvitation);
      if (email !== '') await inField('email', () => checkEmail(email));
      return created(await invitations.create(by, email));
    },
    'DELETE /api/admin/invitations/{id}': async (call) => {
      await invitations.remove('hub', call.param('id'), administrator(call.actor));
      return empty();
    },

    'POST /api/invitations/accept': async (call) => {
      const { code = '', isDry = false } = await call.json(InvitationCode);
      // looked at before one signs in or up: the code says that one may
      if (isDry) return json(shown(await invitations.get(code, call.actor.address)));
      const person = inFull(call.actor);
      const invitation = await invitations.get(code, person.address);
      if (invitation.to === undefined) throw conflict('that invitation is for signing up, and you have');
      await invitations.accept(invitation, person);
      return json({ ...shown(invitation), usedBy: person.name });
    },
  };
}
