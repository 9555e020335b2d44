import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import test from 'node:test';
import { owaspCost } from '#hub/accounts/password-hash.ts';
import { codeOfStep, stepAt } from '#hub/accounts/totp.ts';
import type { Database } from '#state/database.ts';
import { audited } from '../fixtures/hub-records/seed.ts';
import { Browser, basic, type ServedAccounts, serveAccounts } from './hub-accounts-fixture.ts';

const newPassword = () => `pass ${randomBytes(9).toString('base64url')} word`;

/** Every cell of every table, as text. */
function everything(database: Database): string {
  const tables = database.all<{ name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table'");
  return tables
    .flatMap(({ name }) => database.all(`SELECT * FROM "${name}"`))
    .flatMap((row) => Object.values(row))
    .map((cell) => (cell instanceof Uint8Array ? Buffer.from(cell).toString('latin1') : String(cell)))
    .join('\n');
}

/** People who sign up, in and out, make and lose tokens, guess and mistype: what of it is secret is gathered. */
class Crowd {
  readonly secrets = new Set<string>();
  readonly #served: ServedAccounts;
  readonly #people: { name: string; password: string; browser: Browser }[] = [];

  constructor(served: ServedAccounts) {
    this.#served = served;
  }

  async act(): Promise<void> {
    if (this.#people.length === 0) return this.#join();
    const acts = [
      () => this.#join(),
      () => this.#signIn(),
      () => this.#mistype(),
      () => this.#changePassword(),
      () => this.#makeToken(),
      () => this.#loginToRegistry(),
      () => this.#secondFactor(),
      () => this.#invite(),
    ];
    this.#served.address = `192.0.2.${randomInt(200)}`;
    this.#served.clock.now = new Date(this.#served.clock.now.getTime() + 60_000);
    await acts[randomInt(acts.length)]!();
  }

  /** Keeps what an answer tells that nobody else may know. */
  async #ask(browser: Browser, line: string, body?: unknown) {
    const reply = await browser.ask(line, body);
    for (const key of ['secret', 'code', 'token', 'refresh_token', 'csrf'])
      if (typeof reply.body?.[key] === 'string' && reply.body[key].length > 30)
        this.secrets.add(reply.body[key]);
    for (const code of (reply.body?.['codes'] as string[] | undefined) ?? []) this.secrets.add(code);
    for (const cookie of browser.cookies.values()) this.secrets.add(cookie);
    return reply;
  }

  async #join(): Promise<void> {
    const [name, password] = [`user${this.#people.length}`, newPassword()];
    this.secrets.add(password);
    const browser = await new Browser(this.#served).open();
    const reply = await this.#ask(browser, 'POST /api/users', { name, password });
    if (reply.status !== 201) return;
    browser.csrf = String(reply.body['csrf']);
    this.#people.push({ name, password, browser });
    await this.#ask(browser, 'POST /api/organisations', { name: `${name}-org` });
  }

  async #signIn(): Promise<void> {
    const person = this.#someone();
    const browser = await new Browser(this.#served).open();
    const reply = await this.#ask(browser, 'POST /api/session', {
      name: person.name,
      password: person.password,
    });
    if (reply.status !== 200) return;
    browser.csrf = String(reply.body['csrf']);
    if (randomInt(2) === 0) await this.#ask(browser, 'DELETE /api/session');
    else person.browser = browser;
  }

  /** A password in the wrong field, a wrong one, half a request, a token in the wrong place. */
  async #mistype(): Promise<void> {
    const wrong = newPassword();
    this.secrets.add(wrong);
    const browser = await new Browser(this.#served).open();
    const { name, password } = this.#someone();
    await this.#ask(browser, 'POST /api/session', { name: wrong, password: name });
    await this.#ask(browser, 'POST /api/session', { name, password: wrong });
    await this.#ask(browser, 'POST /api/session', { name, password: [password] });
    await this.#ask(browser, 'POST /api/invitations/accept', { code: wrong, isDry: true });
    for (const authorization of [
      `Bearer ${wrong.replaceAll(' ', '')}`,
      basic(wrong, name),
      basic(name, wrong),
      wrong,
    ]) {
      const headers = { authorization };
      for (const path of ['/token?scope=repository:a/b:pull', '/v2/who', '/api/user'])
        await fetch(this.#served.url + path, { headers }).then((response) => response.arrayBuffer());
    }
    const body = `{"name": "${name}", "password": "${password}"`;
    await fetch(`${this.#served.url}/api/session`, { method: 'POST', body });
    await fetch(`${this.#served.url}/token`, { method: 'POST', body });
  }

  async #changePassword(): Promise<void> {
    const person = this.#someone();
    const next = newPassword();
    this.secrets.add(next);
    const { status } = await this.#ask(person.browser, 'POST /api/user/password', {
      current: person.password,
      next,
    });
    if (status === 204) person.password = next;
  }

  async #makeToken(): Promise<void> {
    const { browser, name } = this.#someone();
    const { body } = await this.#ask(browser, 'POST /api/user/tokens', { name: 'ci', scope: 'admin' });
    const authorization = basic(name, String(body['secret']));
    await this.#registryToken({ headers: { authorization } });
    if (randomInt(2) === 0) await this.#ask(browser, `DELETE /api/user/tokens/${body['id']}`);
  }

  async #loginToRegistry(): Promise<void> {
    const { name, password } = this.#someone();
    const refresh = await this.#registryToken({ headers: { authorization: basic(name, password) } });
    if (refresh === undefined) return;
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refresh });
    await this.#registryToken({ method: 'POST', body });
  }

  async #registryToken(init: RequestInit): Promise<string | undefined> {
    const response = await fetch(
      `${this.#served.url}/token?offline_token=true&scope=registry:catalog:*`,
      init,
    );
    const { token, refresh_token } = (await response.json()) as { token?: string; refresh_token?: string };
    for (const secret of [token, refresh_token]) if (secret !== undefined) this.secrets.add(secret);
    if (token !== undefined)
      await fetch(`${this.#served.url}/v2/who`, { headers: { authorization: `Bearer ${token}` } });
    return refresh_token;
  }

  async #secondFactor(): Promise<void> {
    const { browser, name, password } = this.#someone();
    await this.#ask(browser, 'POST /api/user/second-factor');
    const { secret } = (await this.#served.accounts.users.get(name)).secondFactor!;
    if (secret === null) return;
    const code = codeOfStep(secret, stepAt(this.#served.clock.now));
    const { body } = await this.#ask(browser, 'PUT /api/user/second-factor', { code });
    const [first = 'none'] = (body['codes'] as string[] | undefined) ?? [];
    await this.#ask(await new Browser(this.#served).open(), 'POST /api/session', {
      name,
      password,
      code: first,
    });
    await this.#ask(browser, 'DELETE /api/user/second-factor', { password });
  }

  async #invite(): Promise<void> {
    const { browser, name } = this.#someone();
    const { body } = await this.#ask(browser, `POST /api/organisations/${name}-org/invitations`, {
      role: 'member',
    });
    await this.#ask(this.#someone().browser, 'POST /api/invitations/accept', { code: body['code'] });
  }

  #someone() {
    return this.#people[randomInt(this.#people.length)]!;
  }
}

test('whatever people do, no secret is in a table in clear, nor in the log', async () => {
  await using served = await serveAccounts();
  const { rooms } = served;
  await rooms.records.settings.change((before) => ({ ...before, signUp: 'open' }), audited);
  const crowd = new Crowd(served);
  for (let turn = 0; turn < 150; turn += 1) await crowd.act();
  const [kept, log] = [everything(served.database), served.log()];
  assert.ok(crowd.secrets.size > 200, `${crowd.secrets.size} secrets`);
  for (const kind of ['hht_', 'hhr_', 'hhi_'])
    assert.ok(
      [...crowd.secrets].some((secret) => secret.startsWith(kind)),
      kind,
    );
  for (const secret of crowd.secrets) {
    assert.equal(kept.includes(secret), false, `${secret} is in a table`);
    assert.equal(log.includes(secret), false, `${secret} is in the log`);
  }
  assert.ok(kept.includes('user.sign-in-failed'), 'what happened is in the audit');
  assert.doesNotMatch(log, /level=error/);
});

test('who is not there takes as long as who is', async () => {
  await using served = await serveAccounts({ cost: owaspCost });
  await served.accounts.users.create({ name: 'ann', password: 'a long enough one' });
  const times: Record<string, number[]> = { ann: [], nobody: [] };
  for (let turn = 0; turn < 14; turn += 1)
    for (const name of ['ann', 'nobody']) {
      served.address = `192.0.2.${turn}`;
      const started = performance.now();
      const headers = { authorization: basic(name, `guess number ${turn}`) };
      const { status } = await fetch(`${served.url}/token`, { headers });
      assert.equal(status, 401);
      times[name]!.push(performance.now() - started);
    }
  const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;
  const ratio = median(times['ann']!) / median(times['nobody']!);
  assert.ok(ratio > 0.6 && ratio < 1.7, `${ratio} times as long`);
});
