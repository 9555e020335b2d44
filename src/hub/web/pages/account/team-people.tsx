import type { TeamDetail } from '../../../api/index.ts';
import { addToTeam, at, dropFromTeam } from '../../client/calls.ts';
import { useAction, useData } from '../../client/use-data.ts';
import { Button } from '../../parts/button.tsx';
import { ConfirmButton } from '../../parts/dialog.tsx';
import { Empty } from '../../parts/feedback.tsx';
import { Field } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { Card } from '../../parts/lists.tsx';
import { Person } from '../../parts/person.tsx';

/** Who is in a team; its organisation's owners put in and take out. */
export function People({
  name,
  team,
  isOwner,
  reload,
}: {
  readonly name: string;
  readonly team: TeamDetail;
  readonly isOwner: boolean;
  readonly reload: () => void;
}) {
  const members = useData(isOwner ? at.members(name) : undefined);
  const add = useAction(async (user: string) => {
    await addToTeam(name, team.name, user);
    reload();
  });
  const inTeam = new Set(team.people.map((person) => person.name));
  return (
    <Card title="Members">
      <div class="stack">
        {isOwner && (
          <Form
            class="form-inline"
            failure={add.failure}
            fields={['user']}
            onSubmit={async (values, form) => {
              if (await add.run(values.text('user').trim())) form.reset();
            }}
            actions={
              <Button type="submit" icon="plus" isBusy={add.isBusy}>
                Add
              </Button>
            }
          >
            <Field name="user" label="Add a member of the organisation" list="team-people" required isWord />
            <datalist id="team-people">
              {(members.data ?? [])
                .filter((member) => !inTeam.has(member.name))
                .map((member) => (
                  <option key={member.name} value={member.name} />
                ))}
            </datalist>
          </Form>
        )}
        {team.people.length === 0 ? (
          <Empty icon="users" title="Nobody is in it yet" />
        ) : (
          <ul class="people">
            {team.people.map((person) => (
              <li key={person.name}>
                <Person {...person} />
                {isOwner && <Remove name={name} team={team.name} user={person.name} reload={reload} />}
              </li>
            ))}
          </ul>
        )}
      </div>
    </Card>
  );
}

function Remove({
  name,
  team,
  user,
  reload,
}: {
  readonly name: string;
  readonly team: string;
  readonly user: string;
  readonly reload: () => void;
}) {
  const drop = useAction(async () => {
    await dropFromTeam(name, team, user);
    reload();
  });
  return (
    <ConfirmButton
      isIcon
      label={`Remove ${user}`}
      title={`Remove ${user} from ${team}?`}
      verb="Remove"
      action={drop}
    >
      <p>{user} stays in the organisation, without what this team may do.</p>
    </ConfirmButton>
  );
}
