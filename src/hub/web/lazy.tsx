import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Button } from './parts/button.tsx';
import { Notice, Skeleton } from './parts/feedback.tsx';

/** A page whose code comes when it is first shown. */
export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let loaded: ComponentType<P> | undefined;
  return function Lazy(props: P) {
    const [, setTurn] = useState(0);
    const [isFailed, setFailed] = useState(false);
    useEffect(() => {
      if (loaded !== undefined) return;
      load().then(
        (component) => {
          loaded = component;
          setTurn((turn) => turn + 1);
        },
        () => setFailed(true),
      );
    }, []);
    if (loaded !== undefined) {
      const Page = loaded;
      return <Page {...props} />;
    }
    if (!isFailed) return <Skeleton rows={5} />;
    return (
      <Notice tone="bad">
        <p>This part of the page could not be loaded. The Hub may have been brought up to date.</p>
        <Button onClick={() => window.location.reload()}>Load the page again</Button>
      </Notice>
    );
  };
}
