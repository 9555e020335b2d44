import { useEffect, useState } from 'preact/hooks';
import { signIn } from '../../client/calls.ts';
import { HubFailure } from '../../client/http.ts';
import { useAction } from '../../client/use-data.ts';
import { Button } from '../../parts/button.tsx';
import { Field } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { Logo } from '../../parts/icons.tsx';
import { navigate, useAddress } from '../../router/navigation.ts';
import { links, safeNext } from '../../router/place.ts';
import { useHubName, useSession, useTitle } from '../../session.tsx';

/** Name and password, then the second factor where there is one. */
export function SignInPage() {
  const hub = useHubName();
  const { session, user } = useSession();
  const { query } = useAddress();
  const next = safeNext(query.get('next'));
  useTitle('Sign in');
  useEffect(() => {
    if (user !== undefined) navigate(next, { replace: true });
  }, [user]);
  return (
    <div class="enter">
      <Logo />
      <h1>Sign in to {hub}</h1>
      <div class="card">
        <SignInForm />
      </div>
      {session !== undefined && session.hub.signUp !== 'closed' && (
        <p class="enter-foot">
          No account yet? <a href={links.signUp}>Make one</a>
        </p>
      )}
    </div>
  );
}

interface Proof {
  readonly name: string;
  readonly password: string;
}

function SignInForm() {
  const { enter } = useSession();
  const [proof, setProof] = useState<Proof>();
  const action = useAction(async (given: Proof, code?: string) => {
    try {
      enter(await signIn({ ...given, ...(code !== undefined && { code }) }));
    } catch (error) {
      const isNext = error instanceof HubFailure && error.code === 'second-factor-required';
      if (!isNext) throw error;
      setProof(given);
    }
  });
  if (proof !== undefined) {
    return (
      <Form
        failure={action.failure}
        fields={['code']}
        onSubmit={(values) => void action.run(proof, values.text('code').replaceAll(' ', ''))}
        actions={
          <>
            <Button look="primary" type="submit" isBusy={action.isBusy}>
              Sign in
            </Button>
            <Button
              look="quiet"
              onClick={() => {
                action.clear();
                setProof(undefined);
              }}
            >
              Back
            </Button>
          </>
        }
      >
        <Field
          name="code"
          label="Code"
          hint="From the app on your phone, or one of your recovery codes."
          autoComplete="one-time-code"
          autoFocus
          required
          isWord
        />
      </Form>
    );
  }
  return (
    <Form
      failure={action.failure}
      fields={['name', 'password']}
      onSubmit={(values) => void action.run({ name: values.text('name'), password: values.text('password') })}
      submit="Sign in"
      isBusy={action.isBusy}
    >
      <Field name="name" label="Name" autoComplete="username" autoFocus required isWord />
      <Field name="password" label="Password" type="password" autoComplete="current-password" required />
    </Form>
  );
}
