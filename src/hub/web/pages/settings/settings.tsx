import type { User } from '../../../api/index.ts';
import { Tabs } from '../../parts/lists.tsx';
import { MembersOnly } from '../../parts/members-only.tsx';
import { links, type SettingsTab } from '../../router/place.ts';
import { useTitle } from '../../session.tsx';
import { Profile } from './profile.tsx';
import { Security } from './security.tsx';
import { Sessions } from './sessions.tsx';
import { Tokens } from './tokens.tsx';

const tabs = [
  { tab: 'profile', label: 'Profile', icon: 'user' },
  { tab: 'security', label: 'Security', icon: 'shield' },
  { tab: 'tokens', label: 'Access tokens', icon: 'key' },
  { tab: 'sessions', label: 'Sessions', icon: 'system' },
] as const;

export function SettingsPage({ tab }: { readonly tab: SettingsTab }) {
  useTitle('Settings');
  return (
    <MembersOnly>
      {(user) => (
        <>
          <div class="page-head">
            <h1>Settings</h1>
          </div>
          <Tabs
            label="Settings"
            tabs={tabs.map(({ tab: name, label, icon }) => ({
              ...{ label, icon, href: links.settings(name), isCurrent: name === tab },
            }))}
          />
          <Part user={user} tab={tab} />
        </>
      )}
    </MembersOnly>
  );
}

function Part({ user, tab }: { readonly user: User; readonly tab: SettingsTab }) {
  switch (tab) {
    case 'profile':
      return <Profile user={user} />;
    case 'security':
      return <Security user={user} />;
    case 'tokens':
      return <Tokens user={user} />;
    case 'sessions':
      return <Sessions />;
  }
}
