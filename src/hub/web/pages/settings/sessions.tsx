import type { OpenSession } from '../../../api/index.ts';
import { at, endSession } from '../../client/calls.ts';
import { useAction, useData } from '../../client/use-data.ts';
import { Button } from '../../parts/button.tsx';
import { Notice, Shown } from '../../parts/feedback.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Ago } from '../../parts/text.tsx';

/** Browsers that are signed in. */
export function Sessions() {
  const sessions = useData(at.sessions);
  const end = useAction(async (id: string) => {
    await endSession(id);
    sessions.reload();
  });
  return (
    <div class="narrow stack">
      <p class="muted">
        Browsers that are signed in as you. End those that you do not know, and change your password.
      </p>
      {end.failure !== undefined && <Notice tone="bad">{end.failure.message}</Notice>}
      <Shown of={sessions} rows={2}>
        {(data) => (
          <ul class="rows">
            {data.map((session) => (
              <li key={session.id} class="row session-row">
                <Icon name="system" />
                <div>
                  <p>
                    <strong>{agentText(session.agent)}</strong>{' '}
                    {session.isThis && <span class="badge badge-public">this one</span>}
                  </p>
                  <p class="muted">
                    {session.address}, seen <Ago time={session.seenAt} />, signed in{' '}
                    <Ago time={session.createdAt} />
                  </p>
                </div>
                {!session.isThis && <End session={session} end={(id) => void end.run(id)} />}
              </li>
            ))}
          </ul>
        )}
      </Shown>
    </div>
  );
}

const End = ({ session, end }: { readonly session: OpenSession; readonly end: (id: string) => void }) => (
  <span class="row-end">
    <Button look="danger" onClick={() => end(session.id)}>
      End
    </Button>
  </span>
);

const browsers: readonly [RegExp, string][] = [
  [/Edg\//, 'Edge'],
  [/Firefox\//, 'Firefox'],
  [/Chrom(?:e|ium)\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];
const systems: readonly [RegExp, string][] = [
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Mac OS/, 'macOS'],
  [/Linux/, 'Linux'],
];

/** `Firefox on Linux`, or what it said of itself. */
function agentText(agent: string): string {
  const browser = browsers.find(([pattern]) => pattern.test(agent))?.[1];
  const system = systems.find(([pattern]) => pattern.test(agent))?.[1];
  if (browser === undefined) return agent || 'Unknown';
  return system === undefined ? browser : `${browser} on ${system}`;
}
