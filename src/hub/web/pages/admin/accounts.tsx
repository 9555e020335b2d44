import { useState } from 'preact/hooks';
import type { AdminAccount, Plan, UserRights } from '../../../api/index.ts';
import { at, givePlan, setRights } from '../../client/calls.ts';
import { useAction, useData } from '../../client/use-data.ts';
import { bytesText, many } from '../../format.ts';
import { ConfirmButton } from '../../parts/dialog.tsx';
import { Empty, Notice, Shown } from '../../parts/feedback.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Pager, Table } from '../../parts/lists.tsx';
import { Person } from '../../parts/person.tsx';
import { useSession } from '../../session.tsx';
import { useSettled } from '../search/search-box.tsx';

/** Everybody: their rights, and the plans that they are given. */
export function Accounts() {
  const [words, setWords] = useState('');
  const [page, setPage] = useState(1);
  const settled = useSettled(words.trim(), 200);
  const found = useData(at.adminAccounts({ q: settled, page }), { keep: true });
  const plans = useData(at.plans);
  const change = async (name: string, rights: UserRights) => {
    await setRights(name, rights);
    found.reload();
  };
  const give = useAction(async (name: string, plan: string) => {
    await givePlan(name, plan);
    found.reload();
  });
  return (
    <>
      <div class="list-bar">
        <label class="filter">
          <span class="off-screen">Find accounts</span>
          <Icon name="search" />
          <input
            type="text"
            placeholder="Find accounts"
            autoComplete="off"
            spellcheck={false}
            onInput={(event) => {
              setWords(event.currentTarget.value);
              setPage(1);
            }}
          />
        </label>
        <p aria-live="polite">{found.data === undefined ? '\u00a0' : many(found.data.total, 'account')}</p>
      </div>
      {give.failure !== undefined && <Notice tone="bad">{give.failure.message}</Notice>}
      <Shown of={found} rows={6}>
        {(data) =>
          data.items.length === 0 ? (
            <Empty icon="users" title="No account fits" />
          ) : (
            <>
              <Table label="Accounts" heads={['Name', 'Plan', 'Private', 'State', '~Rights']}>
                {data.items.map((account) => (
                  <Row
                    key={account.name}
                    account={account}
                    plans={plans.data ?? [account.plan]}
                    change={(rights) => change(account.name, rights)}
                    give={(plan) => void give.run(account.name, plan)}
                  />
                ))}
              </Table>
              <Pager {...data} onPage={setPage} />
            </>
          )
        }
      </Shown>
    </>
  );
}

const Row = ({
  account,
  plans,
  change,
  give,
}: {
  readonly account: AdminAccount;
  readonly plans: readonly Plan[];
  readonly change: (rights: UserRights) => Promise<void>;
  readonly give: (plan: string) => void;
}) => (
  <tr>
    <td>
      <Person name={account.name} displayName={account.email || account.displayName} />
    </td>
    <td>
      <select
        aria-label={`Plan of ${account.name}`}
        value={account.plan.id}
        onChange={(event) => give(event.currentTarget.value)}
      >
        {plans.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </td>
    <td class="number">
      {bytesText(account.privateBytes)}, {many(account.privateRepositories, 'repository', 'repositories')}
    </td>
    <td>
      <span class="badges">
        {account.kind === 'organisation' && <span class="badge">organisation</span>}
        {account.isAdmin && <span class="badge badge-public">administrator</span>}
        {account.hasSecondFactor && <span class="badge">second factor</span>}
        {account.isDisabled && <span class="badge badge-bad">disabled</span>}
      </span>
    </td>
    <td class="end">{account.kind === 'user' && <Rights account={account} change={change} />}</td>
  </tr>
);

function Rights({
  account,
  change,
}: {
  readonly account: AdminAccount;
  readonly change: (rights: UserRights) => Promise<void>;
}) {
  const { user } = useSession();
  const { isAdmin, isDisabled } = account;
  if (user?.name === account.name) return <span class="muted">you</span>;
  return (
    <span class="actions">
      <RightButton
        label={isAdmin ? 'No longer administrator' : 'Make administrator'}
        text={
          isAdmin
            ? 'They no longer see and change everything.'
            : 'They see and change everything, private images too.'
        }
        account={account}
        change={() => change({ isAdmin: !isAdmin, isDisabled })}
      />
      <RightButton
        label={isDisabled ? 'Let in again' : 'Disable'}
        text={
          isDisabled
            ? 'They can sign in, pull and push again.'
            : 'They can no longer sign in, pull or push; sessions and tokens end. Their repositories stay.'
        }
        account={account}
        change={() => change({ isAdmin, isDisabled: !isDisabled })}
      />
    </span>
  );
}

function RightButton({
  label,
  text,
  account,
  change,
}: {
  readonly label: string;
  readonly text: string;
  readonly account: AdminAccount;
  readonly change: () => Promise<void>;
}) {
  const action = useAction(change);
  return (
    <ConfirmButton
      look="primary"
      label={label}
      title={`${account.name}: ${label.toLowerCase()}?`}
      verb={label}
      action={action}
    >
      <p>{text}</p>
    </ConfirmButton>
  );
}
