import type { AccessToken } from '../../../api/index.ts';
import { dropToken } from '../../client/calls.ts';
import { useAction } from '../../client/use-data.ts';
import { ConfirmButton } from '../../parts/dialog.tsx';
import { Table } from '../../parts/lists.tsx';
import { Ago, Day } from '../../parts/text.tsx';

export const TokenTable = ({
  tokens,
  reload,
}: {
  readonly tokens: readonly AccessToken[];
  readonly reload: () => void;
}) => (
  <Table label="Access tokens" heads={['Name', 'May', 'Expires', 'Last used', '~Delete']}>
    {tokens.map((token) => (
      <tr key={token.id}>
        <td>{token.name}</td>
        <td>
          <span class="badge">{token.scope}</span>
        </td>
        <td>
          <Expiry token={token} />
        </td>
        <td>
          {token.lastUsedAt === undefined ? (
            <span class="muted">never</span>
          ) : (
            <>
              <Ago time={token.lastUsedAt} />
              {token.lastAddress !== undefined && <div class="muted">{token.lastAddress}</div>}
            </>
          )}
        </td>
        <td class="end">
          <DropToken token={token} reload={reload} />
        </td>
      </tr>
    ))}
  </Table>
);

function Expiry({ token: { expiresAt } }: { readonly token: AccessToken }) {
  if (expiresAt === undefined) return <>never</>;
  const isOver = Date.parse(expiresAt) < Date.now();
  return (
    <>
      <Day time={expiresAt} /> {isOver && <span class="badge badge-bad">expired</span>}
    </>
  );
}

function DropToken({ token, reload }: { readonly token: AccessToken; readonly reload: () => void }) {
  const drop = useAction(async () => {
    await dropToken(token.id);
    reload();
  });
  return (
    <ConfirmButton
      isIcon
      label={`Delete the token ${token.name}`}
      title={`Delete the token ${token.name}?`}
      verb="Delete the token"
      action={drop}
    >
      <p>What signs in with it no longer can, at once.</p>
    </ConfirmButton>
  );
}
