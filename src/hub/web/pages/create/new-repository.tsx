import { useState } from 'preact/hooks';
import type { User, Visibility } from '../../../api/index.ts';
import { at, makeRepository } from '../../client/calls.ts';
import { useAction, useData } from '../../client/use-data.ts';
import { Choices, Field, Select } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { MembersOnly } from '../../parts/members-only.tsx';
import { UsageBars } from '../../parts/usage-bars.tsx';
import { navigate, useAddress } from '../../router/navigation.ts';
import { links } from '../../router/place.ts';
import { useTitle } from '../../session.tsx';
import { visibilities } from '../account/organisation-settings.tsx';

export function NewRepositoryPage() {
  useTitle('New repository');
  return <MembersOnly>{(user) => <NewRepository user={user} />}</MembersOnly>;
}

/** Those whose names this person's repositories may begin with. */
const ownersOf = (user: User) => [
  { value: user.name, label: user.name },
  ...user.organisations
    .filter(({ role }) => role !== 'member')
    .map(({ name }) => ({ value: name, label: name })),
];

function NewRepository({ user }: { readonly user: User }) {
  const { query } = useAddress();
  const owners = ownersOf(user);
  const [owner, setOwner] = useState(
    () => owners.find(({ value }) => value === query.get('owner'))?.value ?? user.name,
  );
  const usage = useData(at.usage(owner), { keep: true });
  const make = useAction(async (name: string, visibility: Visibility, description: string) => {
    const made = await makeRepository({ name, visibility, description });
    navigate(links.repository(made.name));
  });
  return (
    <div class="narrow stack">
      <div>
        <h1>New repository</h1>
        <p class="muted">A push makes one too. Made here, it has its visibility and description before.</p>
      </div>
      <div class="card">
        <Form
          failure={make.failure}
          fields={['name', 'description', 'visibility']}
          onSubmit={(values) =>
            void make.run(
              `${values.text('owner')}/${values.text('name').trim()}`,
              values.choice<Visibility>('visibility'),
              values.text('description').trim(),
            )
          }
          submit="Make the repository"
          isBusy={make.isBusy}
        >
          <div class="form-row">
            <Select name="owner" label="Owner" value={owner} options={owners} onChange={setOwner} />
            <Field name="name" label="Name" required autoFocus isWord />
          </div>
          <Field name="description" label="Description" hint="One line; search finds its words." />
          <Choices
            legend="Visibility"
            name="visibility"
            value={user.defaultVisibility}
            options={visibilities}
          />
        </Form>
      </div>
      {usage.data !== undefined && (
        <div class="card">
          <UsageBars usage={usage.data} />
        </div>
      )}
    </div>
  );
}
