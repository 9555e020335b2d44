import { Tabs } from '../../parts/lists.tsx';
import { MembersOnly } from '../../parts/members-only.tsx';
import { type AdminTab, links } from '../../router/place.ts';
import { useTitle } from '../../session.tsx';
import { MissingPage } from '../missing.tsx';
import { Accounts } from './accounts.tsx';
import { AdminInvitations } from './invitations.tsx';
import { Plans } from './plans.tsx';
import { HubSettings } from './settings.tsx';
import { StatusPart } from './status.tsx';

const tabs = [
  { tab: 'status', label: 'Status', icon: 'gauge' },
  { tab: 'accounts', label: 'Accounts', icon: 'users' },
  { tab: 'plans', label: 'Plans', icon: 'layers' },
  { tab: 'invitations', label: 'Invitations', icon: 'mail' },
  { tab: 'settings', label: 'Settings', icon: 'gear' },
] as const;

/** For administrators; for others there is nothing here. */
export function AdminPage({ tab }: { readonly tab: AdminTab }) {
  useTitle('Administration');
  return (
    <MembersOnly>
      {(user) =>
        !user.isAdmin ? (
          <MissingPage />
        ) : (
          <>
            <div class="page-head">
              <h1>Administration</h1>
            </div>
            <Tabs
              label="Administration"
              tabs={[
                ...tabs.map(({ tab: name, label, icon }) => ({
                  ...{ label, icon, href: links.admin(name), isCurrent: name === tab },
                })),
                { label: 'Audit log', icon: 'list' as const, href: links.audit, isCurrent: false },
              ]}
            />
            <Part tab={tab} />
          </>
        )
      }
    </MembersOnly>
  );
}

function Part({ tab }: { readonly tab: AdminTab }) {
  switch (tab) {
    case 'status':
      return <StatusPart />;
    case 'accounts':
      return <Accounts />;
    case 'plans':
      return <Plans />;
    case 'invitations':
      return <AdminInvitations />;
    case 'settings':
      return <HubSettings />;
  }
}
