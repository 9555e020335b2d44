import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EngineError } from '#base/errors.ts';
import type { Area, Call, Headers, Reply } from './http/index.ts';
import { text } from './http/index.ts';

/**
 * What the page may do in a browser: run, draw and ask only what this Hub serves; nothing inline, nothing from elsewhere, in
 * nobody's frame. HTML comes into it in one place alone, by the policy of that name.
 */
const contentPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types hub-overview',
].join('; ');

const common: Headers = {
  'Content-Security-Policy': contentPolicy,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

const types: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
};

const forms = [
  { encoding: 'br', suffix: '.br' },
  { encoding: 'gzip', suffix: '.gz' },
] as const;

/** A file of the page, and the forms it lies in beside itself. */
interface Asset {
  readonly path: string;
  readonly size: number;
  readonly type: string;
  readonly forms: readonly { readonly encoding: string; readonly path: string; readonly size: number }[];
  /** Named by its content: what a browser has of it is right for ever. */
  readonly isHashed: boolean;
}

const themes = ['system', 'light', 'dark'] as const;
type Theme = (typeof themes)[number];

/** The page around every path of the application, in each theme. */
type Documents = Readonly<Record<Theme, { readonly html: string; readonly tag: string }>>;

/**
 * The Hub's page, as Vite built it, for every path that no other area has.
 *
 * The application draws every path itself, also those that lead nowhere: the answer to a path says nothing about what is there.
 * Where it was not built, its paths say how to build it.
 *
 * @param options.directory `dist/hub-web`
 */
export function openWebAssets({ directory }: { readonly directory: string }): Area {
  const assets = assetsIn(directory);
  const documents = documentsOf(join(directory, 'index.html'));
  return {
    prefixes: ['/'],
    routes: {},
    authenticate: (_request, address) => ({ kind: 'stranger', address }),
    missing: (call) => answer(call, assets, documents),
    failed: (error) =>
      error instanceof EngineError && error.kind === 'invalid' ? text(error.message, 400) : undefined,
  };
}

function answer(call: Call, assets: ReadonlyMap<string, Asset>, documents: Documents | undefined): Reply {
  if (call.method !== 'GET' && call.method !== 'HEAD') {
    return { ...text('the page is only read', 405), headers: { ...common, Allow: 'GET, HEAD' } };
  }
  const asset = assets.get(call.path);
  if (asset !== undefined) return assetReply(call, asset);
  // an asset of an earlier build: the page must not be taken for it
  if (call.path.startsWith('/-/assets/')) return { ...text('no such file', 404), headers: common };
  if (documents === undefined) return { ...text('the page is not built: run scripts/build-web.sh', 503) };
  return documentReply(call, documents);
}

function assetReply(call: Call, asset: Asset): Reply {
  const accepted = acceptedEncodings(call.header('accept-encoding'));
  const form = asset.forms.find(({ encoding }) => accepted.has(encoding));
  const { path, size } = form ?? asset;
  return {
    status: 200,
    headers: {
      ...common,
      'Content-Type': asset.type,
      'Cache-Control': asset.isHashed ? 'public, max-age=31536000, immutable' : 'public, max-age=3600',
      ...(form !== undefined && { 'Content-Encoding': form.encoding }),
      ...(asset.forms.length > 0 && { Vary: 'Accept-Encoding' }),
    },
    body: { path, start: 0, length: size },
  };
}

function documentReply(call: Call, documents: Documents): Reply {
  const { html, tag } = documents[themeOf(call.header('cookie'))];
  const headers: Headers = {
    ...common,
    'Content-Type': 'text/html; charset=utf-8',
    // asked for anew each time: it names the assets of this build
    'Cache-Control': 'no-cache',
    Vary: 'Cookie',
    ETag: tag,
  };
  if (call.header('if-none-match') === tag) return { status: 304, headers };
  return { status: 200, headers, body: html };
}

/** The person's choice stands in a cookie that the page writes. */
function themeOf(cookie = ''): Theme {
  const given = /(?:^|;\s*)theme=(\w+)/.exec(cookie)?.[1];
  return themes.find((theme) => theme === given) ?? 'system';
}

/** Encodings that a client takes: `gzip;q=0` is one that it does not. */
export function acceptedEncodings(header = ''): ReadonlySet<string> {
  const names = header
    .toLowerCase()
    .split(',')
    .map((part) => part.split(';').map((word) => word.trim()))
    .filter(([, quality]) => quality === undefined || !/^q=0(?:\.0*)?$/.test(quality))
    .map(([name = '']) => name);
  return new Set(names);
}

/** Every file of the build by its path on the Hub, but the document and the compressed forms. */
function assetsIn(directory: string): ReadonlyMap<string, Asset> {
  if (!existsSync(directory)) return new Map();
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return new Map(
    names
      .filter((name) => types[extensionOf(name)] !== undefined && statSync(join(directory, name)).isFile())
      .map((name) => [`/${name}`, assetOf(directory, name)]),
  );
}

const extensionOf = (name: string) => name.slice(name.lastIndexOf('.') + 1);

function assetOf(directory: string, name: string): Asset {
  const path = join(directory, name);
  return {
    path,
    size: statSync(path).size,
    type: types[extensionOf(name)]!,
    isHashed: name.startsWith('-/assets/'),
    forms: forms
      .map(({ encoding, suffix }) => ({ encoding, path: path + suffix }))
      .filter((form) => existsSync(form.path))
      .map((form) => ({ ...form, size: statSync(form.path).size })),
  };
}

function documentsOf(path: string): Documents | undefined {
  if (!existsSync(path)) return undefined;
  const html = readFileSync(path, 'utf8');
  const inTheme = (theme: Theme) => {
    const themed = html.replace('data-theme="system"', `data-theme="${theme}"`);
    return { html: themed, tag: `"${createHash('sha256').update(themed).digest('base64url').slice(0, 22)}"` };
  };
  return { system: inTheme('system'), light: inTheme('light'), dark: inTheme('dark') };
}
