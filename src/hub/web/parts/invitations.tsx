import type { Invitation } from '../../api/index.ts';
import { type Loaded, useAction } from '../client/use-data.ts';
import { Command } from './copy.tsx';
import { ConfirmButton } from './dialog.tsx';
import { Empty, Notice, Shown } from './feedback.tsx';
import { Table } from './lists.tsx';
import { Ago } from './text.tsx';

/** The link stands behind `#`, which browsers send to nobody. */
const linkOf = (code: string) => `${window.location.origin}/-/invitation#${code}`;

export const NewCode = ({ code }: { readonly code: string }) => (
  <div class="made">
    <Notice tone="good">
      <p>The invitation is made. Send this link; it is shown only now and works once.</p>
      <Command label="Invitation link" text={linkOf(code)} />
    </Notice>
  </div>
);

/** Those that are open, and those that were used. */
export const InvitationList = ({
  of,
  drop,
}: {
  readonly of: Loaded<readonly Invitation[]>;
  readonly drop: (id: string) => Promise<unknown>;
}) => (
  <Shown of={of} rows={2}>
    {(data) =>
      data.length === 0 ? (
        <Empty icon="mail" title="There are no invitations" />
      ) : (
        <Table label="Invitations" heads={['For', 'By', 'State', '~Withdraw']}>
          {data.map((invitation) => (
            <tr key={invitation.id}>
              <td>
                {invitation.email || <span class="muted">anybody</span>}
                {invitation.role !== undefined && (
                  <>
                    {' '}
                    <span class="badge">{invitation.role}</span>
                  </>
                )}
              </td>
              <td>{invitation.createdBy}</td>
              <td>
                <State invitation={invitation} />
              </td>
              <td class="end">
                {invitation.usedBy === undefined && (
                  <Withdraw invitation={invitation} drop={drop} reload={of.reload} />
                )}
              </td>
            </tr>
          ))}
        </Table>
      )
    }
  </Shown>
);

function State({ invitation }: { readonly invitation: Invitation }) {
  if (invitation.usedBy !== undefined) return <>used by {invitation.usedBy}</>;
  const isOver = Date.parse(invitation.expiresAt) < Date.now();
  return (
    <>
      {isOver ? 'ran out' : 'open, ends'} <Ago time={invitation.expiresAt} />
    </>
  );
}

function Withdraw({
  invitation,
  drop,
  reload,
}: {
  readonly invitation: Invitation;
  readonly drop: (id: string) => Promise<unknown>;
  readonly reload: () => void;
}) {
  const action = useAction(async () => {
    await drop(invitation.id);
    reload();
  });
  return (
    <ConfirmButton
      isIcon
      label={`Withdraw the invitation for ${invitation.email || 'anybody'}`}
      title="Withdraw the invitation?"
      verb="Withdraw"
      action={action}
    >
      <p>Its link no longer works then.</p>
    </ConfirmButton>
  );
}
