import { useState } from 'preact/hooks';

export type Theme = 'system' | 'light' | 'dark';
const order: readonly Theme[] = ['system', 'light', 'dark'];

const current = (): Theme =>
  order.find((theme) => theme === document.documentElement.dataset['theme']) ?? 'system';

/** The choice is a cookie, so that the Hub sends the next page in it: nothing flashes. */
function choose(theme: Theme): void {
  document.documentElement.dataset['theme'] = theme;
  const age = theme === 'system' ? 0 : 31_536_000;
  // biome-ignore lint/suspicious/noDocumentCookie: the CookieStore is not in every browser, and not without TLS
  document.cookie = `theme=${theme}; path=/; max-age=${age}; samesite=lax`;
}

export function useTheme(): readonly [Theme, () => void] {
  const [theme, setTheme] = useState(current);
  const next = () => {
    const following = order[(order.indexOf(theme) + 1) % order.length]!;
    choose(following);
    setTheme(following);
  };
  return [theme, next];
}
