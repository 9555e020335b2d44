import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { exactText } from '../format.ts';
import { Icon, type IconName } from './icons.tsx';

/** Pages of a list. */
export function Pager({
  page,
  size,
  total,
  onPage,
}: {
  readonly page: number;
  readonly size: number;
  readonly total: number;
  readonly onPage: (page: number) => void;
}) {
  const last = Math.max(1, Math.ceil(total / size));
  if (last === 1) return null;
  const first = (page - 1) * size + 1;
  return (
    <nav class="pager" aria-label="Pages">
      <button type="button" class="button button-plain" disabled={page <= 1} onClick={() => onPage(page - 1)}>
        <Icon name="left" />
        <span>Previous</span>
      </button>
      <span class="pager-where" aria-live="polite">
        {exactText(first)}–{exactText(Math.min(page * size, total))} of {exactText(total)}
      </span>
      <button
        type="button"
        class="button button-plain"
        disabled={page >= last}
        onClick={() => onPage(page + 1)}
      >
        <span>Next</span>
        <Icon name="right" />
      </button>
    </nav>
  );
}

export interface TabLink {
  readonly href: string;
  readonly label: string;
  readonly icon: IconName;
  readonly isCurrent: boolean;
  readonly count?: number;
}

/** Parts of a page, each with its own address. Where they are wider than the screen, the current one is in sight. */
export function Tabs({ label, tabs }: { readonly label: string; readonly tabs: readonly TabLink[] }) {
  const nav = useRef<HTMLElement>(null);
  const current = tabs.find(({ isCurrent }) => isCurrent)?.href;
  useEffect(() => {
    const link = nav.current?.querySelector<HTMLElement>('[aria-current]');
    if (link && nav.current) nav.current.scrollLeft = link.offsetLeft - nav.current.clientWidth / 4;
  }, [current]);
  return (
    <nav class="tabs" aria-label={label} ref={nav}>
      <ul>
        {tabs.map(({ href, label: text, icon, isCurrent, count }) => (
          <li key={href}>
            <a href={href} {...(isCurrent && { 'aria-current': 'page' as const })}>
              <Icon name={icon} />
              {text}
              {count !== undefined && <span class="tab-count">{exactText(count)}</span>}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** A table that can be scrolled sideways where the screen is narrow. */
export const Table = ({
  label,
  heads,
  children,
}: {
  readonly label: string;
  /** One that begins with `~` is for those who do not see the column. */
  readonly heads: readonly string[];
  readonly children: ComponentChildren;
}) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reached
  <section class="table-around" aria-label={label} tabIndex={0}>
    <table class="table">
      <thead>
        <tr>
          {heads.map((head) => (
            <th key={head} scope="col">
              {head.startsWith('~') ? <span class="off-screen">{head.slice(1)}</span> : head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  </section>
);

export const Card = ({
  title,
  aside,
  children,
}: {
  readonly title?: string;
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}) => (
  <section class="card">
    {title !== undefined && (
      <div class="card-head">
        <h2>{title}</h2>
        {aside}
      </div>
    )}
    {children}
  </section>
);
