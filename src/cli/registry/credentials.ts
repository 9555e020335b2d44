import type { AuthConfig } from '#api/index.ts';
import { type Cli, Failure } from '../command.ts';
import type { ConfigFile } from '../config.ts';
import * as platform from '../platform.ts';

/** The name under which credentials for Docker Hub are kept. */
export const hubServer = 'https://index.docker.io/v1/';

/** The name under which a registry's credentials are kept. */
export const serverOf = (domain: string): string =>
  domain === 'docker.io' || domain === 'index.docker.io' ? hubServer : domain;

/** What the user has logged in with at a registry, undefined when not at all. */
export function credentialsFor(cli: Cli, domain: string): AuthConfig | undefined {
  try {
    return findCredentials(cli.config.file, serverOf(domain));
  } catch {
    // a helper that fails leaves us without credentials: the registry may want none, and says so if it does
    return undefined;
  }
}

export function findCredentials(file: ConfigFile, server: string): AuthConfig | undefined {
  const helper = helperFor(file, server);
  if (helper !== undefined) return fromHelper(helper, server);
  const found = file.auths?.[server] ?? sameHost(file, server);
  if (found === undefined) return undefined;
  const [username = '', password = ''] = decodeAuth(found.auth ?? '');
  return {
    ...(username !== '' && { username, password }),
    ...(found.identitytoken && { identitytoken: found.identitytoken }),
    ...(found.registrytoken && { registrytoken: found.registrytoken }),
    serveraddress: server,
  };
}

/** Older clients kept whole URLs. */
function sameHost(file: ConfigFile, server: string) {
  const host = (text: string) => text.replace(/^https?:\/\//, '').split('/')[0];
  return Object.entries(file.auths ?? {}).find(([name]) => host(name) === host(server))?.[1];
}

function decodeAuth(auth: string): string[] {
  if (auth === '') return [];
  const bytes = Uint8Array.from(atob(auth), (each) => each.charCodeAt(0));
  const text = new TextDecoder().decode(bytes).replace(/\0+$/, '');
  const colon = text.indexOf(':');
  if (colon < 0) throw new Failure('invalid auth configuration file');
  return [text.slice(0, colon), text.slice(colon + 1)];
}

export const encodeAuth = (username: string, password: string): string =>
  btoa(
    Array.from(new TextEncoder().encode(`${username}:${password}`), (byte) => String.fromCharCode(byte)).join(
      '',
    ),
  );

/** Keeps credentials where the configuration says: with a helper, else in the file itself. */
export function storeCredentials(cli: Cli, server: string, auth: AuthConfig): void {
  const { file } = cli.config;
  const save = (entry: NonNullable<ConfigFile['auths']>[string]) =>
    cli.config.save({ auths: { ...file.auths, [server]: entry }, ...without(file) });
  const helper = helperFor(file, server);
  const { username = '', password = '', identitytoken } = auth;
  if (helper !== undefined) {
    const secret = identitytoken
      ? { Username: '<token>', Secret: identitytoken }
      : { Username: username, Secret: password };
    runHelper(helper, 'store', JSON.stringify({ ServerURL: server, ...secret }));
    save({});
    return;
  }
  const entry = identitytoken
    ? { auth: encodeAuth(username, ''), identitytoken }
    : { auth: encodeAuth(username, password) };
  save(entry);
}

/** Forgets credentials; `false` when there were none. */
export function eraseCredentials(cli: Cli, server: string): boolean {
  const { file } = cli.config;
  const helper = helperFor(file, server);
  const known =
    file.auths?.[server] !== undefined || (helper !== undefined && fromHelper(helper, server) !== undefined);
  // older clients kept whole URLs
  const names = [server, `http://${server}`, `https://${server}`];
  if (helper !== undefined && known) for (const name of names) runHelper(helper, 'erase', name);
  const { [server]: _, ...auths } = file.auths ?? {};
  if (known) cli.config.save({ auths, ...without(file) });
  return known;
}

/** The rest of a configuration: the logins come first in the file. */
function without({ auths: _, ...rest }: ConfigFile): ConfigFile {
  return rest;
}

/** The program that keeps a registry's credentials, by the end of its name. */
export const helperFor = (file: ConfigFile, server: string): string | undefined =>
  file.credHelpers?.[server.replace(/^https?:\/\//, '').split('/')[0]!] ??
  file.credHelpers?.[server] ??
  (file.credsStore || undefined);

interface HelperAnswer {
  readonly Username?: string;
  readonly Secret?: string;
  readonly ServerURL?: string;
}

function fromHelper(helper: string, server: string): AuthConfig | undefined {
  const answer = runHelper(helper, 'get', server);
  if (answer === undefined) return undefined;
  const { Username: username = '', Secret: secret = '' } = JSON.parse(answer) as HelperAnswer;
  if (username === '<token>') return { identitytoken: secret, serveraddress: server };
  return { username, password: secret, serveraddress: server };
}

/** Speaks the protocol of credential helpers; undefined when it knows no such server. */
function runHelper(
  helper: string,
  verb: 'get' | 'store' | 'erase' | 'list',
  input: string,
): string | undefined {
  const program = `docker-credential-${helper}`;
  let ended: ReturnType<typeof platform.runProgram>;
  try {
    ended = platform.runProgram(program, [verb], input);
  } catch (error) {
    throw new Failure(
      `error ${verb === 'get' ? 'getting' : 'storing'} credentials - err: ${(error as Error).message}`,
    );
  }
  if (ended.code === 0) return ended.output;
  if (/credentials not found/.test(ended.output)) return undefined;
  const doing = { get: 'getting', store: 'storing', erase: 'erasing', list: 'listing' }[verb];
  throw new Failure(
    `error ${doing} credentials - err: exit status ${ended.code}, out: \`${ended.output.trim()}\``,
  );
}
