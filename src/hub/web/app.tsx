import { lazy } from './lazy.tsx';
import { AccountPage } from './pages/account/account.tsx';
import { SignInPage } from './pages/enter/sign-in.tsx';
import { HomePage } from './pages/home/home.tsx';
import { MissingPage } from './pages/missing.tsx';
import { ManifestPage } from './pages/repository/manifest.tsx';
import { RepositoryPage } from './pages/repository/repository.tsx';
import { SearchPage } from './pages/search/search.tsx';
import { Boundary } from './parts/boundary.tsx';
import { useAddress } from './router/navigation.ts';
import { type Place, placeOf } from './router/place.ts';
import { Shell } from './shell.tsx';

const SignUpPage = lazy(() => import('./pages/enter/sign-up.tsx').then((module) => module.SignUpPage));
const InvitationPage = lazy(() =>
  import('./pages/enter/invitation.tsx').then((module) => module.InvitationPage),
);
const NewRepositoryPage = lazy(() =>
  import('./pages/create/new-repository.tsx').then((module) => module.NewRepositoryPage),
);
const NewOrganisationPage = lazy(() =>
  import('./pages/create/new-organisation.tsx').then((module) => module.NewOrganisationPage),
);
const TeamPage = lazy(() => import('./pages/account/team.tsx').then((module) => module.TeamPage));
const SettingsPage = lazy(() =>
  import('./pages/settings/settings.tsx').then((module) => module.SettingsPage),
);
const AdminPage = lazy(() => import('./pages/admin/admin.tsx').then((module) => module.AdminPage));
const AuditPage = lazy(() => import('./pages/audit/audit.tsx').then((module) => module.AuditPage));

/** The page of a path, in the frame that all have. */
export function App() {
  const { path } = useAddress();
  const place = placeOf(path);
  return (
    <Shell place={place}>
      <Boundary path={path}>
        <PageOf place={place} />
      </Boundary>
    </Shell>
  );
}

function PageOf({ place }: { readonly place: Place }) {
  switch (place.page) {
    case 'home':
      return <HomePage />;
    case 'search':
      return <SearchPage />;
    case 'sign-in':
      return <SignInPage />;
    case 'sign-up':
      return <SignUpPage />;
    case 'invitation':
      return <InvitationPage />;
    case 'new-repository':
      return <NewRepositoryPage />;
    case 'new-organisation':
      return <NewOrganisationPage />;
    case 'settings':
      return <SettingsPage tab={place.tab} />;
    case 'admin':
      return <AdminPage tab={place.tab} />;
    case 'audit':
      return <AuditPage />;
    case 'account':
      return <AccountPage key={place.name} name={place.name} tab={place.tab} />;
    case 'team':
      return <TeamPage key={`${place.name}/${place.team}`} name={place.name} team={place.team} />;
    case 'repository':
      return <RepositoryPage key={place.name} name={place.name} tab={place.tab} />;
    case 'manifest':
      return <ManifestPage key={place.name} name={place.name} reference={place.reference} />;
    case 'missing':
      return <MissingPage />;
  }
}
