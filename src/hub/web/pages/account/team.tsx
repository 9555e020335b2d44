import { useState } from 'preact/hooks';
import type { TeamDetail } from '../../../api/index.ts';
import { at, changeTeam, dropTeam } from '../../client/calls.ts';
import { useAction, useData } from '../../client/use-data.ts';
import { Button } from '../../parts/button.tsx';
import { ConfirmButton, Dialog } from '../../parts/dialog.tsx';
import { Empty, Failed, Skeleton } from '../../parts/feedback.tsx';
import { Field } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { Card } from '../../parts/lists.tsx';
import { RepositoryName } from '../../parts/text.tsx';
import { navigate } from '../../router/navigation.ts';
import { links } from '../../router/place.ts';
import { useSession, useTitle } from '../../session.tsx';
import { MissingPage } from '../missing.tsx';
import { People } from './team-people.tsx';

/** Who is in it, and what it may do where. */
export function TeamPage({ name, team }: { readonly name: string; readonly team: string }) {
  const account = useData(at.account(name));
  const found = useData(at.team(name, team));
  const { user } = useSession();
  useTitle(found.failure?.status === 404 ? 'Not found' : `${team} of ${name}`);
  const failure = account.failure ?? found.failure;
  if (failure !== undefined && [401, 403, 404].includes(failure.status)) return <MissingPage />;
  if (failure !== undefined) return <Failed failure={failure} retry={found.reload} />;
  if (account.data === undefined || found.data === undefined) return <Skeleton rows={5} />;
  const isOwner = account.data.role === 'owner' || user?.isAdmin === true;
  return (
    <>
      <div class="page-head">
        <div class="page-head-text">
          <p class="page-head-note">
            <a href={links.account(name)}>{name}</a> / <a href={links.account(name, 'teams')}>teams</a>
          </p>
          <h1>{found.data.name}</h1>
          {found.data.description !== '' && <p class="page-head-note">{found.data.description}</p>}
        </div>
        {isOwner && <EditTeam name={name} team={found.data} reload={found.reload} />}
      </div>
      <div class="columns">
        <People name={name} team={found.data} isOwner={isOwner} reload={found.reload} />
        <Grants team={found.data} />
      </div>
      {isOwner && <DropTeam name={name} team={team} />}
    </>
  );
}

const Grants = ({ team }: { readonly team: TeamDetail }) => (
  <Card title="Repositories">
    {team.grants.length === 0 ? (
      <Empty icon="box" title="It is granted nothing yet">
        <p>A repository’s settings grant it to teams and people.</p>
      </Empty>
    ) : (
      <ul class="people">
        {team.grants.map(({ repository, level }) => (
          <li key={repository}>
            <RepositoryName name={repository} />
            <span class="badge">{level}</span>
          </li>
        ))}
      </ul>
    )}
  </Card>
);

function EditTeam({
  name,
  team,
  reload,
}: {
  readonly name: string;
  readonly team: TeamDetail;
  readonly reload: () => void;
}) {
  const [isOpen, setOpen] = useState(false);
  const change = useAction(async (next: { readonly name: string; readonly description: string }) => {
    await changeTeam(name, team.name, next);
    setOpen(false);
    if (next.name === team.name) reload();
    else navigate(links.team(name, next.name), { replace: true });
  });
  return (
    <>
      <Button icon="pencil" onClick={() => setOpen(true)}>
        Edit
      </Button>
      {isOpen && (
        <Dialog title="Edit the team" onClose={() => setOpen(false)}>
          <Form
            failure={change.failure}
            fields={['name', 'description']}
            onSubmit={(values) =>
              void change.run({
                name: values.text('name').trim(),
                description: values.text('description').trim(),
              })
            }
            submit="Save"
            isBusy={change.isBusy}
          >
            <Field name="name" label="Name" value={team.name} required isWord />
            <Field name="description" label="Description" value={team.description} />
          </Form>
        </Dialog>
      )}
    </>
  );
}

function DropTeam({ name, team }: { readonly name: string; readonly team: string }) {
  const drop = useAction(async () => {
    await dropTeam(name, team);
    navigate(links.account(name, 'teams'), { replace: true });
  });
  return (
    <div class="page-end">
      <ConfirmButton
        label="Delete the team"
        title={`Delete the team ${team}?`}
        verb="Delete the team"
        typed={team}
        action={drop}
      >
        <p>What it is granted is taken back. Its members stay in the organisation.</p>
      </ConfirmButton>
    </div>
  );
}
