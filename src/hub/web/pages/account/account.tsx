import type { Account } from '../../../api/index.ts';
import { at } from '../../client/calls.ts';
import { useData } from '../../client/use-data.ts';
import { dayText } from '../../format.ts';
import { lazy } from '../../lazy.tsx';
import { Failed, Skeleton } from '../../parts/feedback.tsx';
import { type TabLink, Tabs } from '../../parts/lists.tsx';
import { type AccountTab, links } from '../../router/place.ts';
import { useSession, useTitle } from '../../session.tsx';
import { Avatar } from '../../shell.tsx';
import { MissingPage } from '../missing.tsx';
import { AccountRepositories } from './repositories.tsx';

const Members = lazy(() => import('./members.tsx').then((module) => module.Members));
const Teams = lazy(() => import('./teams.tsx').then((module) => module.Teams));
const Invitations = lazy(() => import('./invitations.tsx').then((module) => module.OrganisationInvitations));
const UsagePart = lazy(() => import('./usage.tsx').then((module) => module.UsagePart));
const AccountAudit = lazy(() => import('./audit.tsx').then((module) => module.AccountAudit));
const OrganisationSettings = lazy(() =>
  import('./organisation-settings.tsx').then((module) => module.OrganisationSettings),
);

/** What someone who sees an account may do with it. */
export interface AccountRights {
  readonly isOwner: boolean;
  readonly isMember: boolean;
}

/** Of a person or an organisation: its repositories, and for those whose it is, all the rest. */
export function AccountPage({ name, tab }: { readonly name: string; readonly tab: AccountTab }) {
  const found = useData(at.account(name), { keep: true });
  const { user } = useSession();
  useTitle(found.failure?.status === 404 ? 'Not found' : found.data?.displayName || name);
  if (found.failure?.status === 404) return <MissingPage />;
  if (found.failure !== undefined) return <Failed failure={found.failure} retry={found.reload} />;
  if (found.data === undefined) return <Skeleton rows={6} />;
  const account = found.data;
  const rights = {
    isOwner: account.role === 'owner' || user?.isAdmin === true,
    isMember: account.role !== undefined || user?.isAdmin === true,
  };
  if (!tabsOf(account, rights).includes(tab)) return <MissingPage />;
  return (
    <>
      <AccountHead account={account} rights={rights} tab={tab} />
      <Part account={account} rights={rights} tab={tab} reload={found.reload} />
    </>
  );
}

function tabsOf({ kind }: Account, { isOwner, isMember }: AccountRights): readonly AccountTab[] {
  if (kind === 'user') return isOwner ? ['repositories', 'usage', 'audit'] : ['repositories'];
  if (isOwner) return ['repositories', 'members', 'teams', 'invitations', 'usage', 'audit', 'settings'];
  return isMember ? ['repositories', 'members', 'teams', 'usage'] : ['repositories'];
}

const faces: Readonly<Record<AccountTab, Pick<TabLink, 'label' | 'icon'>>> = {
  repositories: { label: 'Repositories', icon: 'box' },
  members: { label: 'Members', icon: 'users' },
  teams: { label: 'Teams', icon: 'shield' },
  invitations: { label: 'Invitations', icon: 'mail' },
  usage: { label: 'Usage', icon: 'gauge' },
  audit: { label: 'Audit log', icon: 'list' },
  settings: { label: 'Settings', icon: 'gear' },
};

export const AccountHead = ({
  account,
  rights,
  tab,
}: {
  readonly account: Account;
  readonly rights: AccountRights;
  readonly tab: AccountTab;
}) => {
  const tabs = tabsOf(account, rights);
  return (
    <>
      <div class="page-head">
        <Avatar name={account.name} isLarge />
        <div class="page-head-text">
          <h1>{account.displayName || account.name}</h1>
          <p class="page-head-note">
            <span>
              {account.kind === 'organisation' ? 'Organisation' : 'Person'} <code>{account.name}</code>
            </span>
            <span>since {dayText(account.createdAt)}</span>
            {account.role !== undefined && account.kind === 'organisation' && (
              <span class="badge">{account.role}</span>
            )}
          </p>
        </div>
      </div>
      {tabs.length > 1 && (
        <Tabs
          label="Account"
          tabs={tabs.map((name) => ({
            href: links.account(account.name, name),
            ...faces[name],
            isCurrent: name === tab,
          }))}
        />
      )}
    </>
  );
};

function Part({
  account,
  rights,
  tab,
  reload,
}: {
  readonly account: Account;
  readonly rights: AccountRights;
  readonly tab: AccountTab;
  readonly reload: () => void;
}) {
  switch (tab) {
    case 'repositories':
      return <AccountRepositories account={account} />;
    case 'members':
      return <Members name={account.name} isOwner={rights.isOwner} />;
    case 'teams':
      return <Teams name={account.name} isOwner={rights.isOwner} />;
    case 'invitations':
      return <Invitations name={account.name} />;
    case 'usage':
      return <UsagePart name={account.name} />;
    case 'audit':
      return <AccountAudit name={account.name} />;
    case 'settings':
      return <OrganisationSettings account={account} reload={reload} />;
  }
}
