import { useEffect, useState } from 'preact/hooks';

/** What the address bar says, without the host. */
export interface Address {
  readonly path: string;
  readonly query: URLSearchParams;
}

const listeners = new Set<() => void>();

const current = (): Address => ({
  path: window.location.pathname,
  query: new URLSearchParams(window.location.search),
});

const tell = () => {
  for (const listener of listeners) listener();
};

/** Goes to an address of the Hub; a new page begins at its top, with its heading in focus. */
export function navigate(url: string, options: { readonly replace?: boolean } = {}): void {
  const from = window.location.pathname;
  if (options.replace === true) history.replaceState(null, '', url);
  else history.pushState(null, '', url);
  tell();
  if (window.location.pathname !== from) {
    window.scrollTo(0, 0);
    focusHeading();
  }
}

/** The same page with other words after `?`; those that are empty are left out. */
export function setQuery(values: Readonly<Record<string, string | undefined>>): void {
  const query = new URLSearchParams(window.location.search);
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === '') query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  navigate(window.location.pathname + (text === '' ? '' : `?${text}`), { replace: true });
}

/** Readers of the screen hear where they have come to. A field that took the focus keeps it. */
function focusHeading(): void {
  requestAnimationFrame(() => {
    const main = document.getElementById('main');
    if (main?.contains(document.activeElement) === true) return;
    const heading = main?.querySelector('h1') ?? main;
    heading?.setAttribute('tabindex', '-1');
    heading?.focus({ preventScroll: true });
  });
}

export function useAddress(): Address {
  const [address, setAddress] = useState(current);
  useEffect(() => {
    const changed = () => setAddress(current());
    listeners.add(changed);
    return () => {
      listeners.delete(changed);
    };
  }, []);
  return address;
}

/** Links of the page lead on without loading it anew; other keys, other windows and other hosts stay the browser's. */
export function followLinks(): void {
  window.addEventListener('popstate', tell);
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (link === null || link.target !== '' || link.hasAttribute('download')) return;
    if (link.origin !== window.location.origin || isOther(link.pathname)) return;
    const isHere = link.pathname === window.location.pathname && link.search === window.location.search;
    if (link.hash !== '' && isHere) return;
    event.preventDefault();
    navigate(link.pathname + link.search + link.hash);
  });
}

/** Paths that the page does not draw. */
const isOther = (path: string) => /^\/(?:api|v1|v2|token)(?:\/|$)/.test(path);
