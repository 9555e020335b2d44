import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { signOut } from './client/calls.ts';
import { useAction } from './client/use-data.ts';
import { SearchBox } from './pages/search/search-box.tsx';
import { Button, ButtonLink } from './parts/button.tsx';
import { Notice } from './parts/feedback.tsx';
import { Icon, Logo } from './parts/icons.tsx';
import { Menu } from './parts/menu.tsx';
import { navigate, useAddress } from './router/navigation.ts';
import { links, type Place } from './router/place.ts';
import { useHubName, useSession } from './session.tsx';
import { type Theme, useTheme } from './theme.ts';

/** The frame: what is above and below every page. */
export function Shell({ place, children }: { readonly place: Place; readonly children: ComponentChildren }) {
  const { failure, session, refresh } = useSession();
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Header place={place} />
      <main id="main" tabIndex={-1} data-page={place.page}>
        {failure !== undefined && session === undefined && (
          <Notice tone="bad">
            <p>{failure.message}</p>
            <Button onClick={() => void refresh()}>Try again</Button>
          </Notice>
        )}
        {children}
      </main>
      <Footer />
    </>
  );
}

function Header({ place }: { readonly place: Place }) {
  const hub = useHubName();
  const header = useRef<HTMLElement>(null);
  useEffect(() => {
    const slash = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target))
        return;
      event.preventDefault();
      document.querySelector<HTMLInputElement>('.search-box input')?.focus();
    };
    document.addEventListener('keydown', slash);
    return () => document.removeEventListener('keydown', slash);
  }, []);
  const hasOwnSearch = place.page === 'search' || place.page === 'home';
  return (
    <header class="header" ref={header}>
      <div class="header-row">
        <a class="brand" href="/">
          <Logo />
          <span class="brand-name">{hub}</span>
        </a>
        {hasOwnSearch ? <span class="header-gap" /> : <SearchBox />}
        <nav class="header-nav" aria-label="Main">
          <a
            class="nav-link"
            href={links.search()}
            {...(place.page === 'search' && { 'aria-current': 'page' })}
          >
            Explore
          </a>
          <Account />
        </nav>
      </div>
    </header>
  );
}

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.matches('input, textarea, select') || target.isContentEditable);

/** What the one who is signed in has, or the way in. */
function Account() {
  const { session, user } = useSession();
  const { path } = useAddress();
  // as wide as what comes
  if (session === undefined) return <span class="account-space" aria-hidden="true" />;
  if (user !== undefined) return <PersonMenus />;
  return (
    <>
      <ButtonLink
        look="plain"
        href={links.signIn(path === '/' || path.startsWith('/-/sign') ? undefined : path)}
      >
        Sign in
      </ButtonLink>
      {session.hub.signUp === 'open' && (
        <span class="wide-only">
          <ButtonLink look="primary" href={links.signUp}>
            Sign up
          </ButtonLink>
        </span>
      )}
    </>
  );
}

function PersonMenus() {
  const { user, refresh } = useSession();
  const leave = useAction(async () => {
    await signOut();
    await refresh();
    navigate('/');
  });
  if (user === undefined) return null;
  return (
    <>
      <Menu label="Make something new" face={<Icon name="plus" />}>
        <a href={links.newRepository()}>
          <Icon name="box" />
          New repository
        </a>
        <a href={links.newOrganisation}>
          <Icon name="users" />
          New organisation
        </a>
      </Menu>
      <Menu label={`Your account, ${user.name}`} face={<Avatar name={user.name} />}>
        <p class="menu-head">
          Signed in as <strong>{user.name}</strong>
        </p>
        <a href={links.account(user.name)}>
          <Icon name="box" />
          Your repositories
        </a>
        {user.organisations.map((organisation) => (
          <a key={organisation.name} href={links.account(organisation.name)}>
            <Icon name="users" />
            {organisation.displayName || organisation.name}
          </a>
        ))}
        <a href={links.account(user.name, 'usage')}>
          <Icon name="gauge" />
          Usage
        </a>
        <a href={links.settings()}>
          <Icon name="gear" />
          Settings
        </a>
        <a href={links.audit}>
          <Icon name="list" />
          Audit log
        </a>
        {user.isAdmin && (
          <a href={links.admin()}>
            <Icon name="shield" />
            Administration
          </a>
        )}
        <button type="button" onClick={() => void leave.run()}>
          <Icon name="exit" />
          Sign out
        </button>
      </Menu>
    </>
  );
}

/** Two letters on a colour that is always the same for the same name. A picture: the letters are the style sheet's. */
export const Avatar = ({ name, isLarge = false }: { readonly name: string; readonly isLarge?: boolean }) => (
  <span
    class={`avatar hue-${hueOf(name)}${isLarge ? ' avatar-large' : ''}`}
    data-letters={name.slice(0, 2)}
    aria-hidden="true"
  />
);

const hueOf = (name: string) =>
  [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 997, 7) % 6;

const themeWords: Record<Theme, string> = { system: 'as the system', light: 'light', dark: 'dark' };
const themeIcons = { system: 'system', light: 'sun', dark: 'moon' } as const;

function Footer() {
  const { session } = useSession();
  const [theme, nextTheme] = useTheme();
  return (
    <footer class="footer">
      <div class="footer-row">
        <span>{session === undefined ? '\u00a0' : `Hoist Hub ${session.hub.version}`}</span>
        <button type="button" class="footer-button" onClick={nextTheme}>
          <Icon name={themeIcons[theme]} />
          Colours: {themeWords[theme]}
        </button>
      </div>
    </footer>
  );
}
