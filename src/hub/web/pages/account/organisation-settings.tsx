import { useState } from 'preact/hooks';
import type { Account, Visibility } from '../../../api/index.ts';
import { changeOrganisation, dropOrganisation } from '../../client/calls.ts';
import { useAction } from '../../client/use-data.ts';
import { ConfirmButton } from '../../parts/dialog.tsx';
import { Notice } from '../../parts/feedback.tsx';
import { Choices, Field } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { Card } from '../../parts/lists.tsx';
import { navigate } from '../../router/navigation.ts';
import { useSession } from '../../session.tsx';

export const visibilities = [
  {
    value: 'private' as const,
    label: 'Private',
    hint: 'Only those who are granted it know that it is there.',
  },
  { value: 'public' as const, label: 'Public', hint: 'Everybody finds and pulls it.' },
];

export function OrganisationSettings({
  account,
  reload,
}: {
  readonly account: Account;
  readonly reload: () => void;
}) {
  const { refresh } = useSession();
  const [isDone, setDone] = useState(false);
  const change = useAction(async (displayName: string, defaultVisibility: Visibility) => {
    setDone(false);
    await changeOrganisation(account.name, { displayName, defaultVisibility });
    setDone(true);
    reload();
    await refresh();
  });
  const drop = useAction(async () => {
    await dropOrganisation(account.name);
    await refresh();
    navigate('/');
  });
  return (
    <div class="stack narrow">
      <Card title="Profile">
        <Form
          failure={change.failure}
          fields={['displayName', 'defaultVisibility']}
          onSubmit={(values) =>
            void change.run(values.text('displayName').trim(), values.choice<Visibility>('defaultVisibility'))
          }
          submit="Save"
          isBusy={change.isBusy}
        >
          <Field name="displayName" label="Display name" value={account.displayName} maxLength={100} />
          <Choices
            legend="A push that makes a repository makes it"
            name="defaultVisibility"
            value={account.defaultVisibility ?? 'private'}
            options={visibilities}
          />
          {isDone && <Notice tone="good">Saved.</Notice>}
        </Form>
      </Card>
      <Card title="Delete">
        <div class="danger-row">
          <p>Only an organisation without repositories can be deleted. Its name is free then.</p>
          <ConfirmButton
            label="Delete the organisation"
            title={`Delete ${account.name}?`}
            verb="Delete the organisation"
            typed={account.name}
            action={drop}
          >
            <p>Its teams, members and invitations go with it. This cannot be undone.</p>
          </ConfirmButton>
        </div>
      </Card>
    </div>
  );
}
