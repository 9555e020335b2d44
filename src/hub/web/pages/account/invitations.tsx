import { useState } from 'preact/hooks';
import type { Invitation, Role } from '../../../api/index.ts';
import { at, dropOrganisationInvitation, inviteToOrganisation } from '../../client/calls.ts';
import { useAction, useData } from '../../client/use-data.ts';
import { Field, Select } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { InvitationList, NewCode } from '../../parts/invitations.tsx';
import { Card } from '../../parts/lists.tsx';
import { roles } from './members.tsx';

/** Links that make people members. */
export function OrganisationInvitations({ name }: { readonly name: string }) {
  const invitations = useData(at.organisationInvitations(name));
  const [made, setMade] = useState<Invitation>();
  const invite = useAction(async (email: string, role: Role) => {
    setMade(await inviteToOrganisation(name, { email, role }));
    invitations.reload();
  });
  return (
    <div class="stack">
      <Card title="Invite somebody">
        <Form
          failure={invite.failure}
          fields={['email', 'role']}
          onSubmit={(values) => void invite.run(values.text('email').trim(), values.choice<Role>('role'))}
          submit="Make an invitation"
          isBusy={invite.isBusy}
        >
          <div class="form-row">
            <Field
              name="email"
              label="E-mail address"
              type="email"
              autoComplete="off"
              hint="For you to remember whom it is for: the Hub sends nothing."
            />
            <Select name="role" label="Role" value="member" options={roles} />
          </div>
        </Form>
        {made?.code !== undefined && <NewCode code={made.code} />}
      </Card>
      <InvitationList of={invitations} drop={(id) => dropOrganisationInvitation(name, id)} />
    </div>
  );
}
