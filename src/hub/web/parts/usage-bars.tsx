import type { Usage } from '../../api/index.ts';
import { bytesText, exactText } from '../format.ts';
import { Icon } from './icons.tsx';

interface Measure {
  readonly key: Usage['near'][number];
  readonly label: string;
  readonly used: number;
  readonly limit: number | undefined;
  readonly text: (value: number) => string;
}

/** What a plan counts, and how much of it is used. */
export const measures = (usage: Usage): readonly Measure[] => [
  {
    key: 'privateBytes',
    label: 'Private storage',
    used: usage.privateBytes,
    limit: usage.plan.privateBytes,
    text: bytesText,
  },
  {
    key: 'privateRepositories',
    label: 'Private repositories',
    used: usage.privateRepositories,
    limit: usage.plan.privateRepositories,
    text: exactText,
  },
  {
    key: 'pulls',
    label: 'Pulls in this hour',
    used: usage.pulls,
    limit: usage.plan.pullsPerHour,
    text: exactText,
  },
];

/** 0 to 1. */
export const share = (used: number, limit: number): number => (limit === 0 ? 1 : Math.min(1, used / limit));

/** Each with its bar, in words for those who do not see it. */
export const UsageBars = ({ usage }: { readonly usage: Usage }) => (
  <ul class="usage-bars">
    {measures(usage).map(({ key, label, used, limit, text }) => (
      <li key={key} class={usage.near.includes(key) ? 'is-near' : undefined}>
        <div class="usage-line">
          <span>
            {label}
            {usage.near.includes(key) && (
              <span class="near">
                <Icon name="warning" />
                over 80 %
              </span>
            )}
          </span>
          <span class="number">
            {text(used)}
            <span class="muted"> {limit === undefined ? ', no limit' : `of ${text(limit)}`}</span>
          </span>
        </div>
        {limit !== undefined && <Bar value={share(used, limit)} />}
      </li>
    ))}
  </ul>
);

/** A bar of a width from 0 to 1. What it says stands in words beside it. */
export const Bar = ({ value, tone = 'accent' }: { readonly value: number; readonly tone?: string }) => (
  <svg class={`bar bar-${tone}`} viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
    <rect class="bar-ground" width="100" height="6" />
    <rect class="bar-fill" width={value > 0 ? Math.max(0.8, value * 100) : 0} height="6" />
  </svg>
);
