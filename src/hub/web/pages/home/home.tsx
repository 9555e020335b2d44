import { useSession, useTitle } from '../../session.tsx';
import { Dashboard } from './dashboard.tsx';
import { Welcome } from './welcome.tsx';

/** For strangers what this is; for those who are signed in what is theirs. */
export function HomePage() {
  const { session, user } = useSession();
  useTitle(undefined);
  if (session === undefined) return <div class="home-space" />;
  return user === undefined ? <Welcome hub={session.hub} /> : <Dashboard user={user} />;
}
