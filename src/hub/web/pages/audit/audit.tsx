import { MembersOnly } from '../../parts/members-only.tsx';
import { useTitle } from '../../session.tsx';
import { AuditList } from './list.tsx';

/** What was done: for administrators by everybody, for others by themselves and in what is theirs. */
export function AuditPage() {
  useTitle('Audit log');
  return (
    <MembersOnly>
      {() => (
        <>
          <div class="page-head">
            <h1>Audit log</h1>
          </div>
          <AuditList />
        </>
      )}
    </MembersOnly>
  );
}
