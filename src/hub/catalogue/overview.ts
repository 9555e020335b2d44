import markdownIt from 'markdown-it';
import sanitizeHtml from 'sanitize-html';
import { invalid } from '#base/errors.ts';

const longestOverview = 100_000;
const mostKept = 64;

/** @throws {EngineError} `invalid` when it is longer than 100 kB */
export function checkOverview(markdown: string): string {
  if (Buffer.byteLength(markdown) > longestOverview)
    throw invalid(`An overview has at most ${longestOverview} bytes`);
  return markdown;
}

const markdownReader = markdownIt({ html: true, linkify: true });

/** What an overview may show. No script, no style, nothing that is fetched, nothing that a form sends. */
const allowed: sanitizeHtml.IOptions = {
  allowedTags: [
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'p', 'br', 'hr', 'blockquote', 'pre', 'code', 'div', 'span'],
    ...['ul', 'ol', 'li', 'dl', 'dt', 'dd', 'table', 'thead', 'tbody', 'tfoot', 'tr', 'th', 'td', 'caption'],
    ...['a', 'b', 'strong', 'i', 'em', 'u', 's', 'del', 'ins', 'sub', 'sup', 'small', 'kbd', 'samp', 'var'],
    ...['details', 'summary', 'abbr', 'q', 'cite', 'mark'],
  ],
  allowedAttributes: {
    a: ['href', 'rel', 'title'],
    abbr: ['title'],
    ol: ['start'],
    th: ['align', 'colspan', 'rowspan', 'scope'],
    td: ['align', 'colspan', 'rowspan'],
    details: ['open'],
  },
  allowedSchemes: ['http', 'https', 'mailto'],
  allowProtocolRelative: false,
  nestingLimit: 100,
  transformTags: {
    a: (_tag, { href, title }) => ({ tagName: 'a', attribs: linkTo(href, title) }),
    // a picture of another host would tell it who reads; it becomes a link
    img: (_tag, { src, alt, title }) => ({
      tagName: 'a',
      attribs: linkTo(src, title),
      text: alt || title || 'image',
    }),
  },
};

const linkTo = (href: string | undefined, title: string | undefined): Record<string, string> => ({
  rel: 'nofollow noopener ugc',
  ...(href !== undefined && { href }),
  ...(title !== undefined && { title }),
});

const kept = new Map<string, string>();

/** Markdown as HTML that is safe to show within a page. The last ones are kept, for rendering takes its time. */
export function renderOverview(markdown: string): string {
  if (markdown === '') return '';
  const known = kept.get(markdown);
  if (known !== undefined) return known;
  const html = sanitizeHtml(markdownReader.render(markdown), allowed);
  for (const oldest of kept.keys()) {
    if (kept.size < mostKept) break;
    kept.delete(oldest);
  }
  kept.set(markdown, html);
  return html;
}
