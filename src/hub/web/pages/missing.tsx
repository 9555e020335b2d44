import { useEffect } from 'preact/hooks';
import { ButtonLink } from '../parts/button.tsx';
import { Empty } from '../parts/feedback.tsx';
import { useAddress } from '../router/navigation.ts';
import { links } from '../router/place.ts';
import { useSession, useTitle } from '../session.tsx';

/** The same for what is not there and for what this person may not see: nobody learns which. */
export function MissingPage() {
  const { path } = useAddress();
  const { session, user, refresh } = useSession();
  useTitle('Not found');
  useEffect(() => {
    // the session may have ended elsewhere: then signing in is what helps
    if (user !== undefined) void refresh();
  }, []);
  return (
    <div class="narrow">
      <h1 class="off-screen">Not found</h1>
      <Empty icon="search" title="There is nothing here that you may see">
        <p>The address may be misspelt, or it leads to something private.</p>
        <div class="actions actions-centre">
          {session !== undefined && user === undefined && (
            <ButtonLink look="primary" href={links.signIn(path)}>
              Sign in
            </ButtonLink>
          )}
          <ButtonLink href={links.search()}>Explore repositories</ButtonLink>
        </div>
      </Empty>
    </div>
  );
}
