import { links } from '../router/place.ts';
import { Avatar } from '../shell.tsx';

/** Someone, or an organisation, with a link to its page. */
export const Person = ({ name, displayName }: { readonly name: string; readonly displayName: string }) => (
  <span class="person">
    <Avatar name={name} />
    <span class="person-name">
      <a href={links.account(name)}>{name}</a>
      {displayName !== '' && displayName !== name && <span class="muted">{displayName}</span>}
    </span>
  </span>
);
