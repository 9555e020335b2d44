import type { Member, Role } from '../../../api/index.ts';
import { at, dropMember, setMember } from '../../client/calls.ts';
import { useAction, useData } from '../../client/use-data.ts';
import { ButtonLink } from '../../parts/button.tsx';
import { ConfirmButton } from '../../parts/dialog.tsx';
import { Notice, Shown } from '../../parts/feedback.tsx';
import { Table } from '../../parts/lists.tsx';
import { Person } from '../../parts/person.tsx';
import { Day } from '../../parts/text.tsx';
import { links } from '../../router/place.ts';

export const roles: readonly { readonly value: Role; readonly label: string; readonly hint: string }[] = [
  { value: 'owner', label: 'Owner', hint: 'Everything: members, teams, repositories, settings.' },
  { value: 'editor', label: 'Editor', hint: 'Makes repositories, and pushes to all of them.' },
  { value: 'member', label: 'Member', hint: 'What its teams and grants allow.' },
];

export function Members({ name, isOwner }: { readonly name: string; readonly isOwner: boolean }) {
  const members = useData(at.members(name));
  const change = useAction(async (member: Member, role: Role) => {
    await setMember(name, member.name, role);
    members.reload();
  });
  return (
    <div class="stack">
      {isOwner && (
        <div class="list-bar">
          <p>Owners do everything, editors push everywhere, members do what their teams may.</p>
          <ButtonLink icon="mail" href={links.account(name, 'invitations')}>
            Invite
          </ButtonLink>
        </div>
      )}
      {change.failure !== undefined && <Notice tone="bad">{change.failure.message}</Notice>}
      <Shown of={members} rows={4}>
        {(data) => (
          <Table label="Members" heads={['Name', 'Role', 'Teams', 'Joined', ...(isOwner ? ['~Remove'] : [])]}>
            {data.map((member) => (
              <tr key={member.name}>
                <td>
                  <Person name={member.name} displayName={member.displayName} />
                </td>
                <td>
                  {isOwner ? (
                    <RolePick member={member} onPick={(role) => void change.run(member, role)} />
                  ) : (
                    member.role
                  )}
                </td>
                <td>{member.teams.join(', ') || '–'}</td>
                <td>
                  <Day time={member.joinedAt} />
                </td>
                {isOwner && (
                  <td class="end">
                    <Remove name={name} member={member} reload={members.reload} />
                  </td>
                )}
              </tr>
            ))}
          </Table>
        )}
      </Shown>
    </div>
  );
}

const RolePick = ({ member, onPick }: { readonly member: Member; readonly onPick: (role: Role) => void }) => (
  <select
    aria-label={`Role of ${member.name}`}
    value={member.role}
    onChange={(event) => onPick(event.currentTarget.value as Role)}
  >
    {roles.map(({ value, label }) => (
      <option key={value} value={value}>
        {label}
      </option>
    ))}
  </select>
);

function Remove({
  name,
  member,
  reload,
}: {
  readonly name: string;
  readonly member: Member;
  readonly reload: () => void;
}) {
  const drop = useAction(async () => {
    await dropMember(name, member.name);
    reload();
  });
  return (
    <ConfirmButton
      isIcon
      label={`Remove ${member.name}`}
      title={`Remove ${member.name}?`}
      verb="Remove"
      action={drop}
    >
      <p>
        {member.name} leaves {name} and all its teams, and can no longer see its private repositories.
      </p>
    </ConfirmButton>
  );
}
