import { useState } from 'preact/hooks';
import type { User, Visibility } from '../../../api/index.ts';
import { changeUser } from '../../client/calls.ts';
import { useAction } from '../../client/use-data.ts';
import { Notice } from '../../parts/feedback.tsx';
import { Choices, Field } from '../../parts/fields.tsx';
import { Form, type Values } from '../../parts/form.tsx';
import { Card } from '../../parts/lists.tsx';
import { useSession } from '../../session.tsx';
import { visibilities } from '../account/organisation-settings.tsx';

export function Profile({ user }: { readonly user: User }) {
  const { refresh } = useSession();
  const [isDone, setDone] = useState(false);
  const save = useAction(async (values: Values) => {
    setDone(false);
    await changeUser({
      displayName: values.text('displayName').trim(),
      email: values.text('email').trim(),
      defaultVisibility: values.choice<Visibility>('defaultVisibility'),
    });
    setDone(true);
    await refresh();
  });
  return (
    <div class="narrow">
      <Card title="Profile">
        <Form
          failure={save.failure}
          fields={['displayName', 'email', 'defaultVisibility']}
          onSubmit={(values) => void save.run(values)}
          submit="Save"
          isBusy={save.isBusy}
        >
          <Field
            name="displayName"
            label="Display name"
            value={user.displayName}
            maxLength={100}
            autoComplete="name"
          />
          <Field
            name="email"
            label="E-mail address"
            type="email"
            value={user.email}
            autoComplete="email"
            hint="Seen by you and by administrators."
          />
          <Choices
            legend="A push of yours that makes a repository makes it"
            name="defaultVisibility"
            value={user.defaultVisibility}
            options={visibilities}
          />
          {isDone && <Notice tone="good">Saved.</Notice>}
        </Form>
      </Card>
    </div>
  );
}
