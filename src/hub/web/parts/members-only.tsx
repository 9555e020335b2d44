import type { ComponentChildren } from 'preact';
import type { User } from '../../api/index.ts';
import { useAddress } from '../router/navigation.ts';
import { links } from '../router/place.ts';
import { useSession } from '../session.tsx';
import { ButtonLink } from './button.tsx';
import { Empty, Skeleton } from './feedback.tsx';

/** A page for those who are signed in; strangers are shown the way. */
export function MembersOnly({ children }: { readonly children: (user: User) => ComponentChildren }) {
  const { session, user } = useSession();
  const { path } = useAddress();
  if (session === undefined) return <Skeleton rows={5} />;
  if (user !== undefined) return <>{children(user)}</>;
  return (
    <div class="narrow">
      <h1 class="off-screen">Sign in</h1>
      <Empty icon="user" title="Sign in to see this page">
        <div class="actions actions-centre">
          <ButtonLink look="primary" href={links.signIn(path)}>
            Sign in
          </ButtonLink>
        </div>
      </Empty>
    </div>
  );
}
