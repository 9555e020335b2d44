interface Policy {
  createHTML(html: string): unknown;
}
interface Policies {
  createPolicy(name: string, rules: { createHTML: (html: string) => string }): Policy;
}

const policies = (globalThis as { readonly trustedTypes?: Policies }).trustedTypes;

/** The one way that HTML comes into the page. It was made safe by the Hub: see its catalogue. */
const policy: Policy = policies?.createPolicy('hub-overview', { createHTML: (html) => html }) ?? {
  createHTML: (html) => html,
};

/** A text that people wrote, as the Hub made it HTML. */
export const Markdown = ({ html }: { readonly html: string }) => (
  <div class="markdown" dangerouslySetInnerHTML={{ __html: policy.createHTML(html) as string }} />
);
