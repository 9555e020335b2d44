import { useEffect, useState } from 'preact/hooks';
import type { Invitation } from '../../../api/index.ts';
import { acceptInvitation } from '../../client/calls.ts';
import { useAction } from '../../client/use-data.ts';
import { Button, ButtonLink } from '../../parts/button.tsx';
import { Empty, Notice, Skeleton } from '../../parts/feedback.tsx';
import { Logo } from '../../parts/icons.tsx';
import { navigate } from '../../router/navigation.ts';
import { links } from '../../router/place.ts';
import { useSession, useTitle } from '../../session.tsx';

/** Where an invitation's link leads: whom it is from, and the ways to take it. */
export function InvitationPage() {
  const [code] = useState(() => window.location.hash.slice(1));
  const { session, user } = useSession();
  useTitle('Invitation');
  return (
    <div class="enter">
      <Logo />
      <h1>You are invited</h1>
      {code === '' && (
        <Empty icon="mail" title="The link has no code">
          <p>Copy the whole link that you were sent, to its end.</p>
        </Empty>
      )}
      {code !== '' && session === undefined && <Skeleton rows={2} />}
      {code !== '' && session !== undefined && user === undefined && <AsStranger code={code} />}
      {code !== '' && user !== undefined && <AsPerson code={code} name={user.name} />}
    </div>
  );
}

const AsStranger = ({ code }: { readonly code: string }) => (
  <div class="card stack">
    <p>With this link you can make an account, or join an organisation with the account that you have.</p>
    <div class="actions">
      <ButtonLink look="primary" href={`${links.signUp}#${code}`}>
        Make an account
      </ButtonLink>
      <ButtonLink href={links.signIn()}>Sign in</ButtonLink>
    </div>
    <p class="field-hint">When you have signed in, open the link again.</p>
  </div>
);

function AsPerson({ code, name }: { readonly code: string; readonly name: string }) {
  const { refresh } = useSession();
  const [found, setFound] = useState<Invitation>();
  const look = useAction(async () => setFound(await acceptInvitation({ code, isDry: true })));
  const accept = useAction(async () => {
    const { organisation } = await acceptInvitation({ code });
    await refresh();
    navigate(organisation === undefined ? '/' : links.account(organisation));
  });
  useEffect(() => {
    void look.run();
  }, []);
  const failure = look.failure ?? accept.failure;
  return (
    <div class="card stack">
      {failure !== undefined && <Notice tone="bad">{failure.message}</Notice>}
      {found === undefined && failure === undefined && <Skeleton rows={1} kind="line" />}
      {found !== undefined && found.organisation === undefined && (
        <p>This invitation is for a new account; you have one: {name}.</p>
      )}
      {found?.organisation !== undefined && (
        <>
          <p>
            {found.createdBy} invites you to join <strong>{found.organisation}</strong> as{' '}
            {found.role ?? 'member'}. You are signed in as {name}.
          </p>
          <div class="actions">
            <Button look="primary" isBusy={accept.isBusy} onClick={() => void accept.run()}>
              Join {found.organisation}
            </Button>
            <ButtonLink href="/">Not now</ButtonLink>
          </div>
        </>
      )}
    </div>
  );
}
