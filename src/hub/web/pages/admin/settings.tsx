import { useState } from 'preact/hooks';
import type { Settings } from '../../../api/index.ts';
import { at, changeSettings } from '../../client/calls.ts';
import { useAction, useData } from '../../client/use-data.ts';
import { Notice, Shown } from '../../parts/feedback.tsx';
import { Choices, Field } from '../../parts/fields.tsx';
import { Form, type Values } from '../../parts/form.tsx';
import { Card } from '../../parts/lists.tsx';
import { useSession } from '../../session.tsx';

export function HubSettings() {
  const settings = useData(at.adminSettings);
  return (
    <div class="narrow">
      <Shown of={settings} rows={1} kind="block">
        {(data) => <SettingsForm settings={data} />}
      </Shown>
    </div>
  );
}

const modes = [
  { value: 'open' as const, label: 'Open', hint: 'Everybody can make an account.' },
  {
    value: 'invitation' as const,
    label: 'By invitation',
    hint: 'With a link from an administrator or an owner.',
  },
  { value: 'closed' as const, label: 'Closed', hint: 'Administrators make accounts.' },
];

const limitOf = (values: Values, name: string): number => {
  const text = values.text(name).trim();
  return text === '' ? -1 : Number(text);
};

function SettingsForm({ settings }: { readonly settings: Settings }) {
  const { refresh } = useSession();
  const [isDone, setDone] = useState(false);
  const save = useAction(async (values: Values) => {
    setDone(false);
    await changeSettings({
      name: values.text('name').trim(),
      signUp: values.choice<Settings['signUp']>('signUp'),
      anonymousPullsPerHour: limitOf(values, 'anonymousPullsPerHour'),
      graceHours: Number(values.text('graceHours')),
      untaggedHours: limitOf(values, 'untaggedHours'),
    });
    setDone(true);
    await refresh();
  });
  return (
    <Card title="Settings">
      <Form
        failure={save.failure}
        fields={['name', 'signUp', 'anonymousPullsPerHour', 'graceHours', 'untaggedHours']}
        onSubmit={(values) => void save.run(values)}
        submit="Save"
        isBusy={save.isBusy}
      >
        <Field name="name" label="The Hub’s name" value={settings.name} required maxLength={60} />
        <Choices legend="Sign-up" name="signUp" value={settings.signUp} options={modes} />
        <Field
          name="anonymousPullsPerHour"
          label="Pulls an hour without an account"
          inputMode="numeric"
          value={settings.anonymousPullsPerHour ?? ''}
          hint="For each address, and each /64 of IPv6. Empty: no limit."
        />
        <Field
          name="graceHours"
          label="Hours that unused blobs and unfinished uploads are kept"
          inputMode="numeric"
          value={settings.graceHours}
          required
        />
        <Field
          name="untaggedHours"
          label="Hours that images without a tag are kept"
          inputMode="numeric"
          value={settings.untaggedHours ?? ''}
          hint="Empty: for ever."
        />
        {isDone && <Notice tone="good">Saved.</Notice>}
      </Form>
    </Card>
  );
}
