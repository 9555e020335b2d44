import { Component, type ComponentChildren } from 'preact';
import { Button } from './button.tsx';
import { Notice } from './feedback.tsx';

interface Props {
  /** Another one is tried anew. */
  readonly path: string;
  readonly children: ComponentChildren;
}

/** A defect in one page leaves the frame around it, and says so. */
export class Boundary extends Component<Props, { readonly isBroken: boolean }> {
  override state = { isBroken: false };

  static override getDerivedStateFromError() {
    return { isBroken: true };
  }

  override componentDidUpdate({ path }: Props): void {
    if (this.state.isBroken && path !== this.props.path) this.setState({ isBroken: false });
  }

  override componentDidCatch(error: unknown): void {
    console.error(error);
  }

  override render() {
    if (!this.state.isBroken) return this.props.children;
    return (
      <Notice tone="bad">
        <p>Something went wrong in this page. What you did before is kept.</p>
        <Button onClick={() => window.location.reload()}>Load the page again</Button>
      </Notice>
    );
  }
}
