import { useState } from 'preact/hooks';
import type { Grant, Level } from '../../../../api/index.ts';
import { at, dropGrant, setGrant } from '../../../client/calls.ts';
import { useAction, useData } from '../../../client/use-data.ts';
import { Button } from '../../../parts/button.tsx';
import { Empty, Notice, Shown } from '../../../parts/feedback.tsx';
import { Field, Select } from '../../../parts/fields.tsx';
import { Form } from '../../../parts/form.tsx';
import { Icon } from '../../../parts/icons.tsx';
import { Card } from '../../../parts/lists.tsx';
import { Person } from '../../../parts/person.tsx';
import { links } from '../../../router/place.ts';

const levels: readonly { readonly value: Level; readonly label: string }[] = [
  { value: 'read', label: 'Read: pull' },
  { value: 'write', label: 'Write: pull and push' },
  { value: 'admin', label: 'Admin: everything' },
];

/** Who may do what in it, beside its owner. */
export function Grants({ name }: { readonly name: string }) {
  const owner = name.slice(0, name.indexOf('/'));
  const grants = useData(at.grants(name));
  // only organisations have teams
  const kind = useData(at.account(owner)).data?.kind;
  const teams = useData(kind === 'organisation' ? at.teams(owner) : undefined);
  const set = useAction(async (whom: Pick<Grant, 'kind' | 'name'>, level: Level) => {
    await setGrant(name, whom, level);
    grants.reload();
  });
  const drop = useAction(async (whom: Grant) => {
    await dropGrant(name, whom);
    grants.reload();
  });
  return (
    <Card title="Who may use it">
      <div class="stack">
        {drop.failure !== undefined && <Notice tone="bad">{drop.failure.message}</Notice>}
        <Shown of={grants} rows={2} kind="line">
          {(data) =>
            data.length === 0 ? (
              <Empty icon="users" title="Nobody beside its owner">
                <p>Grant it to people{teams.data !== undefined && ' or teams'} below.</p>
              </Empty>
            ) : (
              <ul class="people">
                {data.map((grant) => (
                  <li key={`${grant.kind}/${grant.name}`}>
                    <Grantee owner={owner} grant={grant} />
                    <span class="grant-do">
                      <LevelPick grant={grant} onPick={(level) => void set.run(grant, level)} />
                      <button
                        type="button"
                        class="icon-button"
                        aria-label={`Take it from ${grant.name}`}
                        title="Take it back"
                        onClick={() => void drop.run(grant)}
                      >
                        <Icon name="trash" />
                      </button>
                    </span>
                  </li>
                ))}
              </ul>
            )
          }
        </Shown>
        <Add
          teams={(teams.data ?? []).map((team) => team.name)}
          failure={set.failure}
          isBusy={set.isBusy}
          add={(whom, level) => set.run(whom, level)}
        />
      </div>
    </Card>
  );
}

const Grantee = ({ owner, grant }: { readonly owner: string; readonly grant: Grant }) =>
  grant.kind === 'user' ? (
    <Person name={grant.name} displayName="" />
  ) : (
    <span class="person">
      <span class="avatar hue-3">
        <Icon name="users" />
      </span>
      <a href={links.team(owner, grant.name)}>Team {grant.name}</a>
    </span>
  );

const LevelPick = ({ grant, onPick }: { readonly grant: Grant; readonly onPick: (level: Level) => void }) => (
  <label class="inline-choice">
    <span class="off-screen">What {grant.name} may do</span>
    <select value={grant.level} onChange={(event) => onPick(event.currentTarget.value as Level)}>
      {levels.map(({ value, label }) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </select>
  </label>
);

function Add({
  teams,
  failure,
  isBusy,
  add,
}: {
  readonly teams: readonly string[];
  readonly failure: Parameters<typeof Form>[0]['failure'];
  readonly isBusy: boolean;
  readonly add: (whom: Pick<Grant, 'kind' | 'name'>, level: Level) => Promise<boolean>;
}) {
  const [kind, setKind] = useState<Grant['kind']>('user');
  const kinds = [
    { value: 'user' as const, label: 'Person' },
    { value: 'team' as const, label: 'Team' },
  ];
  return (
    <Form
      class="form-inline"
      aria-label="Grant"
      failure={failure}
      fields={['name', 'level']}
      onSubmit={async (values, form) => {
        const whom = { kind, name: values.text('name').trim() };
        if (await add(whom, values.choice<Level>('level'))) form.reset();
      }}
      actions={
        <Button type="submit" icon="plus" isBusy={isBusy}>
          Grant
        </Button>
      }
    >
      {teams.length > 0 && (
        <Select name="kind" label="To a" value={kind} options={kinds} onChange={setKind} />
      )}
      <Field name="name" label="Name" required isWord {...(kind === 'team' && { list: 'grant-teams' })} />
      <datalist id="grant-teams">
        {teams.map((team) => (
          <option key={team} value={team} />
        ))}
      </datalist>
      <Select name="level" label="May" value="read" options={levels} />
    </Form>
  );
}
