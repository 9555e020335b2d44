import { agoText, bytesText, countText, dayText, exactText, momentText, shortDigest } from '../format.ts';
import { links } from '../router/place.ts';
import { Copy } from './copy.tsx';
import { Icon } from './icons.tsx';

/** When, roughly; exactly on hover and for machines. */
export const Ago = ({ time }: { readonly time: string }) => (
  <time dateTime={time} title={momentText(time)}>
    {agoText(time, new Date())}
  </time>
);

export const Day = ({ time }: { readonly time: string }) => (
  <time dateTime={time} title={momentText(time)}>
    {dayText(time)}
  </time>
);

export const Bytes = ({ bytes }: { readonly bytes: number }) => (
  <span class="number" title={`${exactText(bytes)} bytes`}>
    {bytesText(bytes)}
  </span>
);

export const Count = ({ count }: { readonly count: number }) => (
  <span class="number" title={exactText(count)}>
    {countText(count)}
  </span>
);

/** A digest, short, whole when copied, and a link where one is given. */
export const DigestText = ({ digest, href }: { readonly digest: string; readonly href?: string }) => (
  <span class="digest">
    {href === undefined ? (
      <code title={digest}>{shortDigest(digest)}</code>
    ) : (
      <a href={href} title={digest}>
        <code>{shortDigest(digest)}</code>
      </a>
    )}
    <Copy text={digest} what="digest" />
  </span>
);

export const VisibilityBadge = ({ visibility }: { readonly visibility: 'public' | 'private' }) => (
  <span class={`badge badge-${visibility}`}>
    <Icon name={visibility === 'public' ? 'globe' : 'lock'} />
    {visibility}
  </span>
);

/** `owner / name`, each a link. */
export const RepositoryName = ({ name }: { readonly name: string }) => {
  const slash = name.indexOf('/');
  return (
    <span class="repository-name">
      <a class="quiet" href={links.account(name.slice(0, slash))}>
        {name.slice(0, slash)}
      </a>
      <span class="slash">/</span>
      <wbr />
      <a href={links.repository(name)}>{name.slice(slash + 1)}</a>
    </span>
  );
};
