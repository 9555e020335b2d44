import { useState } from 'preact/hooks';
import { at, makeTeam } from '../../client/calls.ts';
import { useAction, useData } from '../../client/use-data.ts';
import { many } from '../../format.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Empty, Shown } from '../../parts/feedback.tsx';
import { Field } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { navigate } from '../../router/navigation.ts';
import { links } from '../../router/place.ts';

export function Teams({ name, isOwner }: { readonly name: string; readonly isOwner: boolean }) {
  const teams = useData(at.teams(name));
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <div class="list-bar">
        <p>A team’s members may do in a repository what it grants the team.</p>
        {isOwner && (
          <Button icon="plus" onClick={() => setOpen(true)}>
            New team
          </Button>
        )}
      </div>
      <Shown of={teams} rows={3}>
        {(data) =>
          data.length === 0 ? (
            <Empty icon="shield" title="There are no teams yet">
              {isOwner && <p>Make one, put people in it, and grant it repositories.</p>}
            </Empty>
          ) : (
            <ul class="rows">
              {data.map((team) => (
                <li key={team.name} class="row">
                  <h2>
                    <a href={links.team(name, team.name)}>{team.name}</a>
                  </h2>
                  {team.description !== '' && <p class="row-text">{team.description}</p>}
                  <ul class="facts">
                    <li>{many(team.members, 'member')}</li>
                    <li>{many(team.repositories, 'repository', 'repositories')}</li>
                  </ul>
                </li>
              ))}
            </ul>
          )
        }
      </Shown>
      {isOpen && <NewTeam name={name} onClose={() => setOpen(false)} />}
    </>
  );
}

function NewTeam({ name, onClose }: { readonly name: string; readonly onClose: () => void }) {
  const make = useAction(async (team: string, description: string) => {
    await makeTeam(name, { name: team, description });
    navigate(links.team(name, team));
  });
  return (
    <Dialog title="New team" onClose={onClose}>
      <Form
        failure={make.failure}
        fields={['name', 'description']}
        onSubmit={(values) => void make.run(values.text('name').trim(), values.text('description').trim())}
        submit="Make the team"
        isBusy={make.isBusy}
      >
        <Field name="name" label="Name" required autoFocus isWord />
        <Field name="description" label="Description" />
      </Form>
    </Dialog>
  );
}
