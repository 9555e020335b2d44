import { useState } from 'preact/hooks';
import type { Invitation } from '../../../api/index.ts';
import { at, dropInvitation, invite } from '../../client/calls.ts';
import { useAction, useData } from '../../client/use-data.ts';
import { Field } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { InvitationList, NewCode } from '../../parts/invitations.tsx';
import { Card } from '../../parts/lists.tsx';

/** Links that make accounts. */
export function AdminInvitations() {
  const invitations = useData(at.adminInvitations);
  const [made, setMade] = useState<Invitation>();
  const make = useAction(async (email: string) => {
    setMade(await invite(email));
    invitations.reload();
  });
  return (
    <div class="stack">
      <Card title="Invite somebody">
        <Form
          class="form-inline"
          failure={make.failure}
          fields={['email']}
          onSubmit={(values) => void make.run(values.text('email').trim())}
          submit="Make an invitation"
          isBusy={make.isBusy}
        >
          <Field name="email" label="E-mail address, for you to remember" type="email" autoComplete="off" />
        </Form>
        {made?.code !== undefined && <NewCode code={made.code} />}
      </Card>
      <InvitationList of={invitations} drop={dropInvitation} />
    </div>
  );
}
