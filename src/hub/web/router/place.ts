/** Where a person is: what the path names. Images' names are paths of their own pages: `/team/app`. */
export type Place =
  | { readonly page: 'home' }
  | { readonly page: 'search' }
  | { readonly page: 'sign-in' }
  | { readonly page: 'sign-up' }
  | { readonly page: 'invitation' }
  | { readonly page: 'new-repository' }
  | { readonly page: 'new-organisation' }
  | { readonly page: 'settings'; readonly tab: SettingsTab }
  | { readonly page: 'admin'; readonly tab: AdminTab }
  | { readonly page: 'audit' }
  | { readonly page: 'account'; readonly name: string; readonly tab: AccountTab }
  | { readonly page: 'team'; readonly name: string; readonly team: string }
  | { readonly page: 'repository'; readonly name: string; readonly tab: RepositoryTab }
  | { readonly page: 'manifest'; readonly name: string; readonly reference: string }
  | { readonly page: 'missing' };

const settingsTabs = ['profile', 'security', 'tokens', 'sessions'] as const;
const adminTabs = ['status', 'accounts', 'plans', 'invitations', 'settings'] as const;
const accountTabs = [
  'repositories',
  'members',
  'teams',
  'invitations',
  'usage',
  'audit',
  'settings',
] as const;
const repositoryTabs = ['overview', 'tags', 'settings'] as const;
export type SettingsTab = (typeof settingsTabs)[number];
export type AdminTab = (typeof adminTabs)[number];
export type AccountTab = (typeof accountTabs)[number];
export type RepositoryTab = (typeof repositoryTabs)[number];

const missing: Place = { page: 'missing' };
const plain = [
  'search',
  'sign-in',
  'sign-up',
  'invitation',
  'new-repository',
  'new-organisation',
  'audit',
] as const;
const oneName = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;

/** What a path names. The Hub's own pages begin with `/-/`, and what belongs to a name follows `/-/` behind it: no name has that part. */
export function placeOf(path: string): Place {
  const parts = partsOf(path);
  if (parts === undefined) return missing;
  if (parts.length === 0) return { page: 'home' };
  const at = parts.indexOf('-');
  const names = at < 0 ? parts : parts.slice(0, at);
  const rest = at < 0 ? [] : parts.slice(at + 1);
  if (!names.every((name) => oneName.test(name)) || (at >= 0 && rest.length === 0)) return missing;
  if (names.length === 0) return ownPlace(rest);
  return names.length === 1 ? accountPlace(names[0]!, rest) : repositoryPlace(names.join('/'), rest);
}

function partsOf(path: string): string[] | undefined {
  try {
    return path
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent);
  } catch {
    return undefined; // an escape that is none
  }
}

function ownPlace([first = '', second, ...more]: readonly string[]): Place {
  if (more.length > 0) return missing;
  const page = plain.find((name) => name === first);
  if (page !== undefined) return second === undefined ? { page } : missing;
  if (first === 'settings') return tabbed(settingsTabs, second, (tab) => ({ page: 'settings', tab }));
  if (first === 'admin') return tabbed(adminTabs, second, (tab) => ({ page: 'admin', tab }));
  return missing;
}

function accountPlace(name: string, [first, second, ...more]: readonly string[]): Place {
  if (more.length > 0) return missing;
  if (second !== undefined) return first === 'teams' ? { page: 'team', name, team: second } : missing;
  return tabbed(accountTabs, first, (tab) => ({ page: 'account', name, tab }));
}

function repositoryPlace(name: string, [first, second, ...more]: readonly string[]): Place {
  if (more.length > 0) return missing;
  if (second !== undefined) {
    const isManifest = first === 'tags' || first === 'manifests';
    return isManifest ? { page: 'manifest', name, reference: second } : missing;
  }
  return tabbed(repositoryTabs, first, (tab) => ({ page: 'repository', name, tab }));
}

function tabbed<T extends string>(
  tabs: readonly T[],
  given: string | undefined,
  place: (tab: T) => Place,
): Place {
  if (given === undefined) return place(tabs[0]!);
  const tab = tabs.find((name) => name === given);
  return tab === undefined ? missing : place(tab);
}

/** Paths of places, the other way. */
export const links = {
  search: (query = '') => `/-/search${query === '' ? '' : `?q=${encodeURIComponent(query)}`}`,
  signIn: (next?: string) => `/-/sign-in${next === undefined ? '' : `?next=${encodeURIComponent(next)}`}`,
  signUp: '/-/sign-up',
  newRepository: (owner?: string) => `/-/new-repository${owner === undefined ? '' : `?owner=${owner}`}`,
  newOrganisation: '/-/new-organisation',
  settings: (tab: SettingsTab = 'profile') => own('/-/settings', tab, 'profile'),
  admin: (tab: AdminTab = 'status') => own('/-/admin', tab, 'status'),
  audit: '/-/audit',
  account: (name: string, tab: AccountTab = 'repositories') => under(`/${name}`, tab, 'repositories'),
  team: (name: string, team: string) => `/${name}/-/teams/${encodeURIComponent(team)}`,
  repository: (name: string, tab: RepositoryTab = 'overview') => under(`/${name}`, tab, 'overview'),
  tag: (name: string, tag: string) => `/${name}/-/tags/${encodeURIComponent(tag)}`,
  manifest: (name: string, digest: string) => `/${name}/-/manifests/${digest}`,
} as const;

const own = (base: string, tab: string, first: string) => (tab === first ? base : `${base}/${tab}`);
const under = (base: string, tab: string, first: string) => (tab === first ? base : `${base}/-/${tab}`);

/** Where to go after signing in: a path of this Hub, or home. Never another site. */
export function safeNext(next: string | null): string {
  if (next === null || !/^\/(?![/\\])/.test(next)) return '/';
  const { origin, pathname, search } = new URL(next, 'https://hub.invalid');
  return origin === 'https://hub.invalid' ? pathname + search : '/';
}
