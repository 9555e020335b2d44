import { useState } from 'preact/hooks';
import type { User } from '../../../api/index.ts';
import { changePassword } from '../../client/calls.ts';
import { useAction } from '../../client/use-data.ts';
import { Notice } from '../../parts/feedback.tsx';
import { Field } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { Card } from '../../parts/lists.tsx';
import { useSession } from '../../session.tsx';
import { SecondFactor } from './second-factor.tsx';

export const Security = ({ user }: { readonly user: User }) => (
  <div class="narrow stack">
    <Password user={user} />
    <SecondFactor user={user} />
  </div>
);

function Password({ user }: { readonly user: User }) {
  const { refresh } = useSession();
  const [isDone, setDone] = useState(false);
  const change = useAction(async (current: string, next: string) => {
    setDone(false);
    await changePassword({ current, next });
    setDone(true);
    await refresh();
  });
  return (
    <Card title="Password">
      <Form
        failure={change.failure}
        fields={['current', 'next']}
        onSubmit={async (values, form) => {
          if (await change.run(values.text('current'), values.text('next'))) form.reset();
        }}
        submit="Change the password"
        isBusy={change.isBusy}
      >
        {/* password managers keep the password under this name */}
        <input type="text" name="username" value={user.name} autoComplete="username" hidden readOnly />
        <Field name="current" label="Password now" type="password" autoComplete="current-password" required />
        <Field
          name="next"
          label="New password"
          type="password"
          autoComplete="new-password"
          required
          hint="Every other session ends when it changes."
        />
        {isDone && <Notice tone="good">The password is changed, and every other session has ended.</Notice>}
      </Form>
    </Card>
  );
}
