import type { Usage } from '../../../api/index.ts';
import { at } from '../../client/calls.ts';
import { useData } from '../../client/use-data.ts';
import { bytesText } from '../../format.ts';
import { Empty, Notice, Shown } from '../../parts/feedback.tsx';
import { Card } from '../../parts/lists.tsx';
import { Bytes, RepositoryName } from '../../parts/text.tsx';
import { Bar, measures, share, UsageBars } from '../../parts/usage-bars.tsx';

/** What is used of the plan, and by which repositories. */
export function UsagePart({ name }: { readonly name: string }) {
  const usage = useData(at.usage(name));
  return (
    <Shown of={usage} rows={1} kind="block">
      {(data) => (
        <div class="stack">
          <Near usage={data} />
          <div class="columns">
            <Card title="Usage" aside={<span class="badge">{data.plan.name} plan</span>}>
              <div class="usage-picture">
                <Ring usage={data} />
                <UsageBars usage={data} />
              </div>
            </Card>
            <Card title="Plan">
              <h3>{data.plan.name}</h3>
              <p class="muted">{data.plan.description}</p>
              <p class="card-foot muted">
                Only private images count, each layer once, however many images share it. Administrators
                change plans.
              </p>
            </Card>
          </div>
          <Largest usage={data} />
        </div>
      )}
    </Shown>
  );
}

/** Said at 80 %, while there is still time. */
function Near({ usage }: { readonly usage: Usage }) {
  const near = measures(usage).filter(({ key }) => usage.near.includes(key));
  if (near.length === 0) return null;
  return (
    <Notice tone="warning">
      <div>
        {near.map(({ key, label, used, limit, text }) => (
          <p key={key}>
            <strong>{label}</strong>: {text(used)} of {text(limit ?? 0)} are used
            {limit !== undefined && used >= limit ? '. Nothing more fits.' : '.'}
          </p>
        ))}
        <p>Delete private images that are no longer needed, or ask an administrator for another plan.</p>
      </div>
    </Notice>
  );
}

const radius = 52;
const around = 2 * Math.PI * radius;

/** Private storage as a ring: how much of it is taken. */
function Ring({ usage }: { readonly usage: Usage }) {
  const limit = usage.plan.privateBytes;
  const part = limit === undefined ? 0 : share(usage.privateBytes, limit);
  const isNear = usage.near.includes('privateBytes');
  const percent = part > 0 && part < 0.005 ? '< 1 %' : `${Math.round(part * 100)} %`;
  return (
    <svg
      class={`ring${isNear ? ' is-near' : ''}`}
      viewBox="0 0 128 128"
      role="img"
      aria-label={
        limit === undefined
          ? `Private storage: ${bytesText(usage.privateBytes)}, no limit`
          : `Private storage: ${percent} of ${bytesText(limit)}`
      }
    >
      <circle class="ring-ground" cx="64" cy="64" r={radius} />
      <circle
        class="ring-fill"
        cx="64"
        cy="64"
        r={radius}
        stroke-dasharray={`${part * around} ${around}`}
        transform="rotate(-90 64 64)"
      />
      <text class="ring-number" x="64" y="66">
        {limit === undefined ? bytesText(usage.privateBytes) : percent}
      </text>
      <text class="ring-word" x="64" y="83">
        {limit === undefined ? 'no limit' : 'of storage'}
      </text>
    </svg>
  );
}

function Largest({ usage }: { readonly usage: Usage }) {
  const largest = Math.max(1, ...usage.repositories.map(({ bytes }) => bytes));
  return (
    <Card title="Largest private repositories">
      {usage.repositories.length === 0 ? (
        <Empty icon="box" title="There are no private repositories" />
      ) : (
        <ul class="lines">
          {usage.repositories.map(({ name, bytes }) => (
            <li key={name} class="largest">
              <RepositoryName name={name} />
              <Bar value={bytes / largest} />
              <Bytes bytes={bytes} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
