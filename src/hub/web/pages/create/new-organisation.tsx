import { makeOrganisation } from '../../client/calls.ts';
import { useAction } from '../../client/use-data.ts';
import { Field } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { MembersOnly } from '../../parts/members-only.tsx';
import { navigate } from '../../router/navigation.ts';
import { links } from '../../router/place.ts';
import { useSession, useTitle } from '../../session.tsx';

export function NewOrganisationPage() {
  useTitle('New organisation');
  return <MembersOnly>{() => <NewOrganisation />}</MembersOnly>;
}

function NewOrganisation() {
  const { refresh } = useSession();
  const make = useAction(async (name: string, displayName: string) => {
    await makeOrganisation({ name, displayName });
    await refresh();
    navigate(links.account(name, 'members'));
  });
  return (
    <div class="narrow stack">
      <div>
        <h1>New organisation</h1>
        <p class="muted">Its repositories belong to it, whoever comes and goes. You are its first owner.</p>
      </div>
      <div class="card">
        <Form
          failure={make.failure}
          fields={['name', 'displayName']}
          onSubmit={(values) => void make.run(values.text('name').trim(), values.text('displayName').trim())}
          submit="Make the organisation"
          isBusy={make.isBusy}
        >
          <Field
            name="name"
            label="Name"
            required
            autoFocus
            isWord
            hint="Its images’ names begin with it: lower-case letters, digits, and . _ - between them."
          />
          <Field name="displayName" label="Display name" maxLength={100} />
        </Form>
      </div>
    </div>
  );
}
