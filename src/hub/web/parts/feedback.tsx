import type { ComponentChildren } from 'preact';
import type { HubFailure } from '../client/http.ts';
import type { Loaded } from '../client/use-data.ts';
import { Button } from './button.tsx';
import { Icon, type IconName } from './icons.tsx';

export type Tone = 'info' | 'good' | 'warning' | 'bad';
const toneIcons: Record<Tone, IconName> = { info: 'info', good: 'check', warning: 'warning', bad: 'warning' };

export const Notice = ({ tone, children }: { readonly tone: Tone; readonly children: ComponentChildren }) => (
  <div class={`notice notice-${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
    <Icon name={toneIcons[tone]} />
    <div>{children}</div>
  </div>
);

/** What to do next where there is nothing yet. */
export const Empty = ({
  icon,
  title,
  children,
}: {
  readonly icon: IconName;
  readonly title: string;
  readonly children?: ComponentChildren;
}) => (
  <div class="empty">
    <Icon name={icon} />
    <p class="empty-title">{title}</p>
    {children !== undefined && <div class="empty-text">{children}</div>}
  </div>
);

/** Grey lines in the place of what comes, as high as it will be. */
export const Skeleton = ({
  rows,
  kind = 'row',
}: {
  readonly rows: number;
  readonly kind?: 'row' | 'line' | 'block';
}) => (
  <div class="skeletons" aria-busy="true">
    <span class="off-screen" role="status">
      Loading…
    </span>
    {Array.from({ length: rows }, (_, row) => (
      <div key={row} class={`skeleton skeleton-${kind}`} />
    ))}
  </div>
);

/** What was loaded, or that it comes, or why it does not. */
export function Shown<T>({
  of,
  rows = 4,
  kind,
  children,
}: {
  readonly of: Loaded<T>;
  readonly rows?: number;
  readonly kind?: 'row' | 'line' | 'block';
  readonly children: (data: T) => ComponentChildren;
}) {
  if (of.data !== undefined) {
    return <div class={of.isLoading ? 'is-stale' : undefined}>{children(of.data)}</div>;
  }
  if (of.failure !== undefined) return <Failed failure={of.failure} retry={of.reload} />;
  return <Skeleton rows={rows} {...(kind !== undefined && { kind })} />;
}

export const Failed = ({ failure, retry }: { readonly failure: HubFailure; readonly retry: () => void }) => (
  <Notice tone="bad">
    <p>{failure.status === 404 ? 'There is nothing here, or nothing that you may see.' : failure.message}</p>
    {failure.status !== 404 && (
      <Button look="plain" onClick={retry}>
        Try again
      </Button>
    )}
  </Notice>
);
