import { useEffect } from 'preact/hooks';
import { signUp } from '../../client/calls.ts';
import { useAction } from '../../client/use-data.ts';
import { ButtonLink } from '../../parts/button.tsx';
import { Empty } from '../../parts/feedback.tsx';
import { Field } from '../../parts/fields.tsx';
import { Form, type Values } from '../../parts/form.tsx';
import { Logo } from '../../parts/icons.tsx';
import { navigate } from '../../router/navigation.ts';
import { links } from '../../router/place.ts';
import { useHubName, useSession, useTitle } from '../../session.tsx';

/** For everybody, or those who were invited, or nobody: as the Hub's administrators set it. */
export function SignUpPage() {
  const hub = useHubName();
  const { session, user } = useSession();
  const given = window.location.hash.slice(1);
  useTitle('Sign up');
  useEffect(() => {
    if (user !== undefined) navigate('/', { replace: true });
  }, [user]);
  if (session === undefined) return <div class="home-space" />;
  const { signUp: mode } = session.hub;
  // an organisation's invitation makes accounts where sign-up is closed, too: the Hub decides
  if (mode === 'closed' && given === '') return <Closed hub={hub} />;
  return (
    <div class="enter">
      <Logo />
      <h1>Make an account on {hub}</h1>
      <div class="card">
        <SignUpForm needsInvitation={mode !== 'open'} invitation={given} />
      </div>
      <p class="enter-foot">
        Have one already? <a href={links.signIn()}>Sign in</a>
      </p>
    </div>
  );
}

const Closed = ({ hub }: { readonly hub: string }) => (
  <div class="narrow">
    <h1 class="off-screen">Sign up</h1>
    <Empty icon="lock" title={`${hub} makes no accounts by itself`}>
      <p>Ask an administrator for one, or for an invitation.</p>
      <div class="actions actions-centre">
        <ButtonLink href={links.signIn()}>Sign in</ButtonLink>
      </div>
    </Empty>
  </div>
);

function SignUpForm({
  needsInvitation,
  invitation,
}: {
  readonly needsInvitation: boolean;
  readonly invitation: string;
}) {
  const { enter } = useSession();
  const action = useAction(async (values: Values) => {
    const code = values.text('invitation').trim();
    enter(
      await signUp({
        name: values.text('name').trim(),
        email: values.text('email').trim(),
        password: values.text('password'),
        ...(code !== '' && { invitation: code }),
      }),
    );
  });
  return (
    <Form
      failure={action.failure}
      fields={['name', 'email', 'password', 'invitation']}
      onSubmit={(values) => void action.run(values)}
      submit="Make the account"
      isBusy={action.isBusy}
    >
      {(needsInvitation || invitation !== '') && (
        <Field
          name="invitation"
          label="Invitation"
          value={invitation}
          required={needsInvitation}
          isWord
          hint="The code at the end of the link that you were sent."
        />
      )}
      <Field
        name="name"
        label="Name"
        autoComplete="username"
        autoFocus
        required
        isWord
        hint="Your images’ names begin with it: lower-case letters, digits, and . _ - between them."
      />
      <Field name="email" label="E-mail address" type="email" autoComplete="email" />
      <Field
        name="password"
        label="Password"
        type="password"
        autoComplete="new-password"
        required
        hint="Long is better than odd: some words in a row, or what your password manager makes."
      />
    </Form>
  );
}
