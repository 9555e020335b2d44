import { type ComponentChildren, createContext } from 'preact';
import { useContext, useEffect, useMemo, useState } from 'preact/hooks';
import type { Session, User } from '../api/index.ts';
import { at } from './client/calls.ts';
import { type HubFailure, request, setCsrf, whenSignedOut } from './client/http.ts';
import { forget } from './client/use-data.ts';

export interface Known {
  /** Undefined until the Hub has said. */
  readonly session: Session | undefined;
  readonly failure: HubFailure | undefined;
  readonly user: User | undefined;
  /** Another session, as signing in answers it. */
  readonly enter: (session: Session) => void;
  /** Asks the Hub who this is, anew. */
  readonly refresh: () => Promise<void>;
}

const SessionContext = createContext<Known | undefined>(undefined);

/** Who looks at the page, for all of it. */
export function SessionProvider({ children }: { readonly children: ComponentChildren }) {
  const [session, setSession] = useState<Session>();
  const [failure, setFailure] = useState<HubFailure>();
  const known = useMemo((): Known => {
    const enter = (next: Session) => {
      setCsrf(next.csrf);
      forget();
      setFailure(undefined);
      setSession(next);
    };
    const refresh = () => request('GET', at.session).then(enter, setFailure);
    return { session, failure, user: session?.user, enter, refresh };
  }, [session, failure]);
  useEffect(() => {
    void known.refresh();
  }, []);
  useEffect(() => {
    whenSignedOut(() => {
      if (known.user !== undefined) void known.refresh();
    });
  }, [known]);
  return <SessionContext.Provider value={known}>{children}</SessionContext.Provider>;
}

export function useSession(): Known {
  const known = useContext(SessionContext);
  if (known === undefined) throw new Error('outside of the session');
  return known;
}

/** `hub.example.com:5000`: what names of images begin with. Until the Hub has said: where the page is from. */
export const useHubAddress = (): string => useSession().session?.hub.address ?? window.location.host;
export const useHubName = (): string => useSession().session?.hub.name ?? 'Hoist Hub';

/** The words in the window's title. */
export function useTitle(title: string | undefined): void {
  const hub = useHubName();
  useEffect(() => {
    document.title = title === undefined ? hub : `${title} · ${hub}`;
  }, [title, hub]);
}
