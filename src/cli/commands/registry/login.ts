import type { AuthConfig } from '#api/index.ts';
import { checkAuth } from '#client/system/auth.ts';
import { atMost, type Cli, command as define, Failure } from '../../command.ts';
import { bool, type FlagSet, text, type Values } from '../../flags.ts';
import * as platform from '../../platform.ts';
import { findCredentials, helperFor, hubServer, storeCredentials } from '../../registry/credentials.ts';

const flags = {
  password: text('Password or Personal Access Token (PAT)', { short: 'p' }),
  'password-stdin': bool('Take the Password or Personal Access Token (PAT) from stdin'),
  username: text('Username', { short: 'u' }),
} satisfies FlagSet;

export const command = define({
  usage: 'login [OPTIONS] [SERVER]',
  about: 'Authenticate to a registry',
  details: 'Authenticate to a registry.\nDefaults to Docker Hub if no server is specified.',
  flags,
  args: atMost(1),
  run: async (cli, { flags, given, args }) => {
    const password = await givenPassword(cli, flags, given);
    const server =
      args[0] === undefined || args[0] === 'docker.io'
        ? hubServer
        : args[0].replace(/^https?:\/\//, '').split('/')[0]!;
    const auth = await chooseAuth(cli, { server, username: flags.username, password });
    const { Status, IdentityToken } = await checkAuth(cli.daemon, auth);
    const stored = IdentityToken ? { ...auth, password: '', identitytoken: IdentityToken } : auth;
    const known = findCredentials(cli.config.file, server);
    const changed = (['username', 'password', 'identitytoken'] as const).some(
      (key) => (known?.[key] ?? '') !== (stored[key] ?? ''),
    );
    if (changed) {
      storeCredentials(cli, server, stored);
      await warnOfPlainText(cli, server);
    }
    if (Status) await cli.out(`${Status}\n`);
  },
});

async function givenPassword(
  cli: Cli,
  flags_: Values<typeof flags>,
  given: ReadonlySet<string>,
): Promise<string> {
  if (given.has('password')) {
    if (flags_['password-stdin'])
      throw new Failure('conflicting options: cannot specify both --password and --password-stdin');
    await cli.err('WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n');
    return flags_.password;
  }
  if (!flags_['password-stdin']) return '';
  if (flags_.username === '') throw new Failure('the --password-stdin option requires --username to be set');
  let all = '';
  const decoder = new TextDecoder();
  for await (const bytes of platform.stdin.read()) all += decoder.decode(bytes, { stream: true });
  return all.replace(/\n$/, '').replace(/\r$/, '');
}

interface Login {
  readonly server: string;
  readonly username: string;
  readonly password: string;
}

/** What was given, what is stored, or what the person types now. */
async function chooseAuth(cli: Cli, { server, username, password }: Login): Promise<AuthConfig> {
  if (username !== '' && password !== '') return { username, password, serveraddress: server };
  const stored = findCredentials(cli.config.file, server);
  if (
    username === '' &&
    password === '' &&
    stored !== undefined &&
    (stored.username || stored.identitytoken)
  ) {
    await cli.err(existing(stored.username ?? ''));
    return stored;
  }
  if (!platform.stdin.isTerminal)
    throw new Failure('Error: Cannot perform an interactive login from a non TTY device');
  const name = username || (await ask(cli, 'Username: '));
  if (name === '') throw new Failure('Error: Non-null Username Required');
  const secret = password || (await askSecret(cli, 'Password: '));
  if (secret === '') throw new Failure('Error: Password Required');
  return { username: name, password: secret, serveraddress: server };
}

const existing = (username: string) => `Authenticating with existing credentials... [Username: ${username}]

 Info -> To login with a different account, run 'hoist logout' followed by 'hoist login'


`;

async function ask(cli: Cli, question: string): Promise<string> {
  await cli.out(question);
  return (await platform.stdin.line()).trim();
}

async function askSecret(cli: Cli, question: string): Promise<string> {
  await cli.out(question);
  const secret = await platform.secretLine();
  await cli.out('\n');
  return secret;
}

async function warnOfPlainText(cli: Cli, server: string): Promise<void> {
  if (helperFor(cli.config.file, server) !== undefined) return;
  await cli.err(`
WARNING! Your credentials are stored unencrypted in '${cli.config.path}'.
Configure a credential helper to remove this warning. See
https://docs.docker.com/go/credential-store/

`);
}
