import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { type Accounts, openAccounts } from '#hub/accounts/index.ts';
import { codeOfStep, stepAt } from '#hub/accounts/totp.ts';
import { openSqliteRecords, type SqliteRecords } from '#hub/records/sqlite/index.ts';
import { hubRooms } from '#hub/rooms.ts';
import { untilListening } from '../fixtures/docker-client.ts';
import { installed, root, startDockerd, startHoistd, type TestEngine, which } from '../fixtures/engines.ts';
import { tarOf } from '../fixtures/images.ts';
import { password } from '../fixtures/registry-conformance-hub.ts';

const missing = ['docker', 'dockerd', 'nsenter'].filter((program) => !installed(program));
const skip = missing.length === 0 ? false : `not installed: ${missing.join(', ')}`;
const serve = join(root, 'test/fixtures/registry-conformance-serve.ts');
const hub = '127.0.0.1:5000';

const docker = which('docker') ?? 'docker';
const pairs = [
  ['docker with hoistd', docker, () => startHoistd({ arguments: ['--bridge', 'none'] })],
  ['hoist with hoistd', join(root, 'bin/hoist'), () => startHoistd({ arguments: ['--bridge', 'none'] })],
  [
    'docker with dockerd',
    docker,
    () => startDockerd({ arguments: ['--bridge', 'none', '--iptables=false'] }),
  ],
] as const;

for (const [name, client, start] of pairs)
  suite(`signing in: ${name}`, { skip }, () => {
    let engine: TestEngine;
    let folder: string;
    let records: SqliteRecords;
    let accounts: Accounts;

    before(async () => {
      engine = await start();
      folder = mkdtempSync(join(tmpdir(), 'hub-login-'));
      engine.spawnBeside(process.execPath, serve, join(folder, 'hub'), '5000', 'alice', 'bob', 'cat', 'dan');
      await untilListening(engine, 5000);
      // its records, from another process: as the program's commands do while it serves
      records = openSqliteRecords(join(folder, 'hub/hub.db'));
      accounts = openAccounts(hubRooms(records, { log: silentLog }), {
        publicAddress: () => ({ realm: `http://${hub}/token`, service: hub }),
        passwordCost: { memoryKib: 8, passes: 1, parallelism: 1 },
      });
      run('import', ['import', '-', `${hub}/alice/app:v1`], tarOf({ a: '1' }));
    });
    after(async () => {
      await records?.[Symbol.asyncDispose]();
      await engine[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    });

    const config = (user: string) => join(folder, 'config', user);
    function run(user: string, args: readonly string[], input: string | Uint8Array = ''): string {
      return execFileSync(client, args, {
        ...{ encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'pipe'], timeout: 30_000 },
        env: {
          ...process.env,
          DOCKER_HOST: engine.host,
          DOCKER_CONFIG: config(user),
          HOIST_CONFIG: config(user),
        },
      });
    }
    function fails(user: string, args: readonly string[], input = ''): string {
      try {
        run(user, args, input);
      } catch (error) {
        return (error as { stderr: string }).stderr.trim();
      }
      throw new Error(`${args.join(' ')} did not fail`);
    }
    const signIn = (user: string) => ['login', '-u', user, '--password-stdin', hub];
    const kept = (user: string) =>
      (
        JSON.parse(readFileSync(join(config(user), 'config.json'), 'utf8')) as {
          auths: Record<string, { auth?: string; identitytoken?: string }>;
        }
      ).auths[hub]!;

    test('what is kept is a token in place of the password, good until it is revoked', async () => {
      assert.match(run('alice', signIn('alice'), password), /Login Succeeded/);
      const { auth = '', identitytoken } = kept('alice');
      assert.match(identitytoken!, /^hhr_/);
      assert.equal(Buffer.from(auth, 'base64').toString().includes(password), false);
      run('alice', ['push', `${hub}/alice/app:v1`]);
      run('alice', ['pull', `${hub}/alice/app:v1`]);
      records.database.run('DELETE FROM refresh_token');
      assert.match(fails('alice', ['push', `${hub}/alice/app:v1`]), /sign in again|denied|unauthorized/);
      run('alice', ['logout', hub]);
      run('alice', signIn('alice'), password);
      run('alice', ['push', `${hub}/alice/app:v1`]);
      await accounts.users.setRights('alice', { isDisabled: true });
      assert.match(fails('alice', ['push', `${hub}/alice/app:v1`]), /sign in again|denied|unauthorized/);
      await accounts.users.setRights('alice', { isDisabled: false });
    });

    test('a wrong password, and a name that is not there: the same words', async () => {
      const wrong = fails('bob', signIn('bob'), 'not the right one');
      assert.match(wrong, /incorrect username or password/);
      assert.equal(fails('nobody', signIn('nobody'), 'not the right one'), wrong);
    });

    test('an access token is as good as its scope', async () => {
      run('alice', ['logout', hub]);
      run(
        'alice',
        signIn('alice'),
        (await accounts.createToken('alice', { name: 'ci', scope: 'write' })).secret,
      );
      run('alice', ['push', `${hub}/alice/app:v1`]);
      const reading = await accounts.createToken('alice', { name: 'puller', scope: 'read' });
      run('reader', signIn('alice'), reading.secret);
      run('reader', ['pull', `${hub}/alice/app:v1`]);
      run('reader', ['tag', `${hub}/alice/app:v1`, `${hub}/alice/other:v1`]);
      assert.match(
        fails('reader', ['push', `${hub}/alice/other:v1`]),
        /denied|unauthorized|authentication|not known/,
      );
      records.database.run('DELETE FROM access_token WHERE id = ?', reading.id);
      assert.match(fails('reader', ['pull', `${hub}/alice/app:v1`]), /denied|unauthorized|sign in again/);
    });

    test('where there is a second factor, the password alone does not do', async () => {
      const secret = Buffer.from('12345678901234567890');
      const { id } = await accounts.users.get('cat');
      records.database.run(
        'UPDATE user SET totp_secret = ?, totp_confirmed_at = ? WHERE account_id = ?',
        ...[secret, new Date().toISOString(), id],
      );
      assert.match(fails('cat', signIn('cat'), password), /use an access token in place of the password/);
      assert.match(
        fails('cat', signIn('cat'), codeOfStep(secret, stepAt(new Date()))),
        /incorrect username or password/,
      );
      run(
        'cat',
        signIn('cat'),
        (await accounts.createToken('cat', { name: 'docker', scope: 'read' })).secret,
      );
    });

    test('guessing is told to wait', async () => {
      let said = '';
      for (let turn = 0; turn < 8 && !said.includes('too many'); turn += 1)
        said = fails('dan', signIn('dan'), `guess number ${turn}`);
      assert.match(said, /too many attempts: try again later/);
    });
  });
