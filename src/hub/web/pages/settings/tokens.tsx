import { useState } from 'preact/hooks';
import type { AccessToken, Level, User } from '../../../api/index.ts';
import { at, makeToken } from '../../client/calls.ts';
import { useAction, useData } from '../../client/use-data.ts';
import { Button } from '../../parts/button.tsx';
import { Command } from '../../parts/copy.tsx';
import { Empty, Notice, Shown } from '../../parts/feedback.tsx';
import { Choices, Field, Select } from '../../parts/fields.tsx';
import { Form, type Values } from '../../parts/form.tsx';
import { Card } from '../../parts/lists.tsx';
import { useHubAddress } from '../../session.tsx';
import { TokenTable } from './token-table.tsx';

const scopes: readonly { readonly value: Level; readonly label: string; readonly hint: string }[] = [
  { value: 'read', label: 'Read', hint: 'Pulls what you may pull: for servers that run images.' },
  { value: 'write', label: 'Write', hint: 'Pulls and pushes: for builds.' },
  { value: 'admin', label: 'Admin', hint: 'All that you may do, but your password and tokens.' },
];

const lives = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'A year' },
  { value: 'date', label: 'Until a day…' },
  { value: 'never', label: 'It does not expire' },
] as const;
type Life = (typeof lives)[number]['value'];

/** What terminals and machines sign in with, in the place of the password. */
export function Tokens({ user }: { readonly user: User }) {
  const tokens = useData(at.tokens);
  const [made, setMade] = useState<AccessToken>();
  return (
    <div class="stack">
      <div class="columns">
        <Card title="Access tokens">
          <Shown of={tokens} rows={3} kind="line">
            {(data) =>
              data.length === 0 ? (
                <Empty icon="key" title="You have none">
                  <p>A token signs a machine in without your password, and can be taken back alone.</p>
                </Empty>
              ) : (
                <TokenTable tokens={data} reload={tokens.reload} />
              )
            }
          </Shown>
        </Card>
        <Card title="New token">
          {made?.secret === undefined ? (
            <NewToken
              onMade={(token) => {
                setMade(token);
                tokens.reload();
              }}
            />
          ) : (
            <Made user={user} secret={made.secret} onDone={() => setMade(undefined)} />
          )}
        </Card>
      </div>
    </div>
  );
}

function Made({
  user,
  secret,
  onDone,
}: {
  readonly user: User;
  readonly secret: string;
  readonly onDone: () => void;
}) {
  const address = useHubAddress();
  return (
    <div class="stack">
      <Notice tone="good">
        <p>Copy the token: it is shown only now.</p>
      </Notice>
      <Command label="Token" text={secret} />
      <p>A terminal takes it in the place of your password:</p>
      <Command label="Sign in command" text={`docker login -u ${user.name} ${address}`} />
      <div class="actions">
        <Button look="primary" onClick={onDone}>
          I have kept it
        </Button>
      </div>
    </div>
  );
}

/** The end of a day, where the person is. */
function expiryOf(values: Values): string | undefined {
  const life = values.choice<Life>('life');
  if (life === 'never') return undefined;
  if (life === 'date') return new Date(`${values.text('expiresAt')}T23:59:59`).toISOString();
  return new Date(Date.now() + Number(life) * 86_400_000).toISOString();
}

function NewToken({ onMade }: { readonly onMade: (token: AccessToken) => void }) {
  const [life, setLife] = useState<Life>('90');
  const make = useAction(async (values: Values) => {
    const expiresAt = expiryOf(values);
    onMade(
      await makeToken({
        name: values.text('name').trim(),
        scope: values.choice<Level>('scope'),
        ...(expiresAt !== undefined && { expiresAt }),
      }),
    );
  });
  return (
    <Form
      failure={make.failure}
      fields={['name', 'scope', 'expiresAt']}
      onSubmit={(values) => void make.run(values)}
      submit="Make the token"
      isBusy={make.isBusy}
    >
      <Field
        name="name"
        label="Name"
        required
        autoComplete="off"
        hint="What it is for: “laptop”, “builds”."
      />
      <Choices legend="It may" name="scope" value="write" options={scopes} />
      <Select name="life" label="It expires after" value={life} options={lives} onChange={setLife} />
      {life === 'date' && (
        <Field
          name="expiresAt"
          label="Last day"
          type="date"
          required
          min={new Date().toISOString().slice(0, 10)}
        />
      )}
    </Form>
  );
}
