import { useState } from 'preact/hooks';
import type { Plan, PlanChange } from '../../../api/index.ts';
import { at, changePlan, dropPlan, makePlan } from '../../client/calls.ts';
import { useAction, useData } from '../../client/use-data.ts';
import { bytesText, exactText } from '../../format.ts';
import { Button } from '../../parts/button.tsx';
import { ConfirmButton, Dialog } from '../../parts/dialog.tsx';
import { Shown } from '../../parts/feedback.tsx';
import { Check, Field } from '../../parts/fields.tsx';
import { Form, type Values } from '../../parts/form.tsx';

const gib = 1024 ** 3;

/** What accounts may keep and how much they may pull. */
export function Plans() {
  const plans = useData(at.plans);
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <div class="list-bar">
        <p>New accounts get the default plan. Who is over a changed limit keeps all, and adds nothing.</p>
        <Button icon="plus" onClick={() => setOpen(true)}>
          New plan
        </Button>
      </div>
      <Shown of={plans} rows={3}>
        {(data) => (
          <ul class="plans">
            {data.map((plan) => (
              <PlanCard key={plan.id} plan={plan} reload={plans.reload} />
            ))}
          </ul>
        )}
      </Shown>
      {isOpen && (
        <PlanDialog
          title="New plan"
          save={async (change) => {
            await makePlan(change);
            plans.reload();
          }}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}

const limitText = (limit: number | undefined, text: (value: number) => string) =>
  limit === undefined ? 'no limit' : text(limit);

function PlanCard({ plan, reload }: { readonly plan: Plan; readonly reload: () => void }) {
  const [isOpen, setOpen] = useState(false);
  const drop = useAction(async () => {
    await dropPlan(plan.id);
    reload();
  });
  return (
    <li class="card plan">
      <div class="card-head">
        <h2>{plan.name}</h2>
        {plan.isDefault && <span class="badge badge-public">default</span>}
      </div>
      <p class="muted">{plan.description}</p>
      <dl class="details">
        <div>
          <dt>Private storage</dt>
          <dd>{limitText(plan.privateBytes, bytesText)}</dd>
        </div>
        <div>
          <dt>Private repositories</dt>
          <dd>{limitText(plan.privateRepositories, exactText)}</dd>
        </div>
        <div>
          <dt>Pulls an hour</dt>
          <dd>{limitText(plan.pullsPerHour, exactText)}</dd>
        </div>
      </dl>
      <div class="actions">
        <Button icon="pencil" onClick={() => setOpen(true)}>
          Edit
        </Button>
        {!plan.isDefault && (
          <ConfirmButton
            isIcon
            label={`Delete the plan ${plan.name}`}
            title={`Delete the plan ${plan.name}?`}
            verb="Delete the plan"
            action={drop}
          >
            <p>Only a plan that no account has can be deleted.</p>
          </ConfirmButton>
        )}
      </div>
      {isOpen && (
        <PlanDialog
          title={`Edit the plan ${plan.name}`}
          plan={plan}
          save={async (change) => {
            await changePlan(plan.id, change);
            reload();
          }}
          onClose={() => setOpen(false)}
        />
      )}
    </li>
  );
}

/** An empty field is no limit, which the API calls -1. */
const limitOf = (values: Values, name: string, unit = 1): number => {
  const text = values.text(name).trim();
  return text === '' ? -1 : Math.round(Number(text) * unit);
};

function PlanDialog({
  title,
  plan,
  save,
  onClose,
}: {
  readonly title: string;
  readonly plan?: Plan;
  readonly save: (change: PlanChange) => Promise<void>;
  readonly onClose: () => void;
}) {
  const action = useAction(async (values: Values) => {
    await save({
      name: values.text('name').trim(),
      description: values.text('description').trim(),
      privateBytes: limitOf(values, 'privateBytes', gib),
      privateRepositories: limitOf(values, 'privateRepositories'),
      pullsPerHour: limitOf(values, 'pullsPerHour'),
      // the default one stays so until another is made it
      ...(plan?.isDefault !== true && { isDefault: values.isOn('isDefault') }),
    });
    onClose();
  });
  const gibs =
    plan?.privateBytes === undefined ? '' : String(Math.round((plan.privateBytes / gib) * 1000) / 1000);
  return (
    <Dialog title={title} onClose={onClose}>
      <Form
        failure={action.failure}
        fields={['name', 'description', 'privateBytes', 'privateRepositories', 'pullsPerHour', 'isDefault']}
        onSubmit={(values) => void action.run(values)}
        actions={
          <>
            <Button look="primary" type="submit" isBusy={action.isBusy}>
              Save
            </Button>
            <Button onClick={onClose}>Cancel</Button>
          </>
        }
      >
        <Field name="name" label="Name" value={plan?.name ?? ''} required autoFocus autoComplete="off" />
        <Field name="description" label="Description" value={plan?.description ?? ''} autoComplete="off" />
        <div class="form-row">
          <Limit name="privateBytes" label="Private storage, GiB" value={gibs} />
          <Limit
            name="privateRepositories"
            label="Private repositories"
            value={plan?.privateRepositories ?? ''}
          />
          <Limit name="pullsPerHour" label="Pulls an hour" value={plan?.pullsPerHour ?? ''} />
        </div>
        <p class="field-hint">An empty field is no limit.</p>
        {plan?.isDefault !== true && <Check name="isDefault" label="New accounts get it" />}
      </Form>
    </Dialog>
  );
}

const Limit = (props: { readonly name: string; readonly label: string; readonly value: string | number }) => (
  <Field {...props} inputMode="numeric" pattern="\d+([.]\d+)?" autoComplete="off" />
);
