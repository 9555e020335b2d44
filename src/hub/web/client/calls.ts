import type {
  AccessToken,
  Account,
  AdminAccount,
  AuditEntry,
  Collected,
  Grant,
  Invitation,
  InvitationCode,
  Level,
  ManifestDetail,
  Member,
  NewInvitation,
  NewOrganisation,
  NewRepository,
  NewTeam,
  NewToken,
  OpenSession,
  OrganisationChange,
  OverviewHtml,
  Page,
  PasswordChange,
  Plan,
  PlanChange,
  PullDay,
  RecoveryCodes,
  Repository,
  RepositoryChange,
  RepositorySummary,
  Role,
  SecondFactorOffer,
  Session,
  Settings,
  SettingsChange,
  SignIn,
  SignUp,
  Status,
  Tag,
  Team,
  TeamDetail,
  Usage,
  User,
  UserChange,
  UserRights,
} from '../../api/index.ts';
import { type Get, type Method, request, setCsrf } from './http.ts';
import { forget } from './use-data.ts';

type Words = Readonly<Record<string, string | number | undefined>>;

/** `?a=1&b=2`, of those that say something. */
function query(words: Words): string {
  const given = Object.entries(words).filter(([, value]) => value !== undefined && value !== '');
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text === '' ? '' : `?${text}`;
}

const part = encodeURIComponent;
const repositoryPath = (name: string) => `/api/repositories/${name.split('/').map(part).join('/')}`;
const organisationPath = (name: string) => `/api/organisations/${part(name)}`;
const teamPath = (name: string, team: string) => `${organisationPath(name)}/teams/${part(team)}`;
const grantPath = (name: string, { kind, name: who }: Pick<Grant, 'kind' | 'name'>) =>
  `${repositoryPath(name)}/-/grants/${kind}s/${part(who)}`;

/** What can be read, by path: `useData(at.repository(name))`. */
export const at = {
  session: '/api/session' as Get<Session>,
  user: '/api/user' as Get<User>,
  tokens: '/api/user/tokens' as Get<readonly AccessToken[]>,
  sessions: '/api/user/sessions' as Get<readonly OpenSession[]>,
  account: (name: string): Get<Account> => `/api/accounts/${part(name)}`,
  usage: (name: string): Get<Usage> => `/api/accounts/${part(name)}/usage`,
  members: (name: string): Get<readonly Member[]> => `${organisationPath(name)}/members`,
  teams: (name: string): Get<readonly Team[]> => `${organisationPath(name)}/teams`,
  team: (name: string, team: string): Get<TeamDetail> => teamPath(name, team),
  organisationInvitations: (name: string): Get<readonly Invitation[]> =>
    `${organisationPath(name)}/invitations`,
  repositories: (words: Words): Get<Page<RepositorySummary>> => `/api/repositories${query(words)}`,
  search: (words: Words): Get<Page<RepositorySummary>> => `/api/search${query(words)}`,
  repository: (name: string): Get<Repository> => repositoryPath(name),
  pulls: (name: string): Get<readonly PullDay[]> => `${repositoryPath(name)}/-/pulls`,
  tags: (name: string, words: Words): Get<Page<Tag>> => `${repositoryPath(name)}/-/tags${query(words)}`,
  manifest: (name: string, reference: string): Get<ManifestDetail> =>
    `${repositoryPath(name)}/-/manifests/${part(reference)}`,
  grants: (name: string): Get<readonly Grant[]> => `${repositoryPath(name)}/-/grants`,
  plans: '/api/plans' as Get<readonly Plan[]>,
  adminAccounts: (words: Words): Get<Page<AdminAccount>> => `/api/admin/accounts${query(words)}`,
  adminSettings: '/api/admin/settings' as Get<Settings>,
  adminInvitations: '/api/admin/invitations' as Get<readonly Invitation[]>,
  status: '/api/admin/status' as Get<Status>,
  audit: (words: Words): Get<readonly AuditEntry[]> => `/api/audit${query(words)}`,
} as const;

/** A change; what was seen before it no longer counts. */
async function change<T = void>(method: Method, path: Get<T>, body?: unknown): Promise<T> {
  try {
    return await request(method, path, { body });
  } finally {
    forget();
  }
}

/** A stranger's token is anew each time: the page may have stood open longer than the last one lives. */
async function afresh<T>(path: Get<T>, body: unknown): Promise<T> {
  setCsrf((await request('GET', at.session)).csrf);
  return change<T>('POST', path, body);
}

export const signIn = (body: SignIn) => afresh<Session>('/api/session', body);
export const signOut = () => change('DELETE', '/api/session');
export const signUp = (body: SignUp) => afresh<Session>('/api/users', body);

export const changeUser = (body: UserChange) => change<User>('PATCH', '/api/user', body);
export const changePassword = (body: PasswordChange) => change('POST', '/api/user/password', body);
export const offerSecondFactor = () => change<SecondFactorOffer>('POST', '/api/user/second-factor');
export const confirmSecondFactor = (code: string) =>
  change<RecoveryCodes>('PUT', '/api/user/second-factor', { code });
export const dropSecondFactor = (password: string) =>
  change('DELETE', '/api/user/second-factor', { password });
export const makeToken = (body: NewToken) => change<AccessToken>('POST', '/api/user/tokens', body);
export const dropToken = (id: string) => change('DELETE', `/api/user/tokens/${part(id)}`);
export const endSession = (id: string) => change('DELETE', `/api/user/sessions/${part(id)}`);

export const makeOrganisation = (body: NewOrganisation) =>
  change<Account>('POST', '/api/organisations', body);
export const changeOrganisation = (name: string, body: OrganisationChange) =>
  change<Account>('PATCH', organisationPath(name), body);
export const dropOrganisation = (name: string) => change('DELETE', organisationPath(name));
export const setMember = (name: string, user: string, role: Role) =>
  change('PUT', `${organisationPath(name)}/members/${part(user)}`, { role });
export const dropMember = (name: string, user: string) =>
  change('DELETE', `${organisationPath(name)}/members/${part(user)}`);
export const makeTeam = (name: string, body: NewTeam) =>
  change<Team>('POST', `${organisationPath(name)}/teams`, body);
export const changeTeam = (name: string, team: string, body: NewTeam) =>
  change<Team>('PATCH', teamPath(name, team), body);
export const dropTeam = (name: string, team: string) => change('DELETE', teamPath(name, team));
export const addToTeam = (name: string, team: string, user: string) =>
  change('PUT', `${teamPath(name, team)}/members/${part(user)}`);
export const dropFromTeam = (name: string, team: string, user: string) =>
  change('DELETE', `${teamPath(name, team)}/members/${part(user)}`);
export const inviteToOrganisation = (name: string, body: NewInvitation) =>
  change<Invitation>('POST', `${organisationPath(name)}/invitations`, body);
export const dropOrganisationInvitation = (name: string, id: string) =>
  change('DELETE', `${organisationPath(name)}/invitations/${part(id)}`);
export const acceptInvitation = (body: InvitationCode) =>
  change<Invitation>('POST', '/api/invitations/accept', body);

export const makeRepository = (body: NewRepository) => change<Repository>('POST', '/api/repositories', body);
export const changeRepository = (name: string, body: RepositoryChange) =>
  change<Repository>('PATCH', repositoryPath(name), body);
export const renderOverview = (overview: string) =>
  request<OverviewHtml>('POST', '/api/overview', { body: { overview } });
export const dropRepository = (name: string) => change('DELETE', repositoryPath(name));
export const setStar = (name: string, isStarred: boolean) =>
  change(isStarred ? 'PUT' : 'DELETE', `${repositoryPath(name)}/-/star`);
export const dropTag = (name: string, tag: string) =>
  change('DELETE', `${repositoryPath(name)}/-/tags/${part(tag)}`);
export const dropManifest = (name: string, digest: string) =>
  change('DELETE', `${repositoryPath(name)}/-/manifests/${part(digest)}`);
export const setGrant = (name: string, whom: Pick<Grant, 'kind' | 'name'>, level: Level) =>
  change('PUT', grantPath(name, whom), { level });
export const dropGrant = (name: string, whom: Pick<Grant, 'kind' | 'name'>) =>
  change('DELETE', grantPath(name, whom));

export const makePlan = (body: PlanChange) => change<Plan>('POST', '/api/plans', body);
export const changePlan = (id: string, body: PlanChange) =>
  change<Plan>('PATCH', `/api/plans/${part(id)}`, body);
export const dropPlan = (id: string) => change('DELETE', `/api/plans/${part(id)}`);
export const givePlan = (name: string, plan: string) =>
  change('PUT', `/api/accounts/${part(name)}/plan`, { plan });
export const setRights = (name: string, body: UserRights) =>
  change<AdminAccount>('PATCH', `/api/admin/users/${part(name)}`, body);
export const changeSettings = (body: SettingsChange) =>
  change<Settings>('PATCH', '/api/admin/settings', body);
export const invite = (email: string) => change<Invitation>('POST', '/api/admin/invitations', { email });
export const dropInvitation = (id: string) => change('DELETE', `/api/admin/invitations/${part(id)}`);
export const collect = () => change<Collected>('POST', '/api/admin/collect');
