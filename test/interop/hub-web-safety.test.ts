import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, suite, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { type Look, openWindow, skipWithoutChromium, startBrowser } from '../fixtures/browser.ts';
import { codeOf, fillHub, type PageHub, password, signIn, startPageHub } from '../fixtures/hub-page.ts';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let hub: PageHub;
let browser: Browser;

before(async () => {
  if (skipWithoutChromium !== false) return;
  hub = await startPageHub();
  await fillHub(hub);
  await hub.api('boss', 'PATCH', '/api/admin/settings', { signUp: 'open' });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await hub?.[Symbol.asyncDispose]();
  assert.deepEqual(hub?.errors ?? [], []);
});

interface Finding {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe finds that is serious or critical, by WCAG 2.2 A and AA. */
async function findings(page: Page): Promise<readonly string[]> {
  const options = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] };
  const run = `axe.run(document, ${JSON.stringify(options)}).then(({ violations }) => violations)`;
  const found = (await page.evaluate(run)) as readonly Finding[];
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}

/** Until a page shows what it has, and nothing more comes. */
async function drawn(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor({ state: 'attached' });
  await page.locator('[aria-busy=true], .is-stale').first().waitFor({ state: 'detached' });
}

/** Widths at which the whole page has to be moved sideways. */
async function cutOff(page: Page, widths: readonly number[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const width of widths) {
    await page.setViewportSize({ width, height: 740 });
    const more = await page.evaluate(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    if (more !== 0) found.push(`${more} px too wide at ${width}`);
  }
  await page.setViewportSize({ width: widths[0]!, height: 740 });
  return found;
}

const pages: readonly { readonly who?: string; readonly paths: readonly string[] }[] = [
  {
    paths: [
      ...['/', '/-/search', '/-/sign-in', '/-/sign-up', '/ada', '/ada/crane', '/ada/crane/-/tags'],
      ...['/ada/crane/-/tags/1.0', '/ada/crane/-/tags/edge', '/ada/secret', '/-/settings'],
    ],
  },
  {
    who: 'ada',
    paths: [
      ...['/', '/ada/crane/-/settings', '/ada/-/usage', '/crew/engine', '/crew/-/members', '/crew/-/teams'],
      ...[
        '/crew/-/teams/ops',
        '/crew/-/invitations',
        '/crew/-/settings',
        '/-/settings',
        '/-/settings/security',
      ],
      ...[
        '/-/settings/tokens',
        '/-/settings/sessions',
        '/-/new-repository',
        '/-/new-organisation',
        '/-/audit',
      ],
    ],
  },
  {
    who: 'boss',
    paths: [
      ...['/-/admin', '/-/admin/accounts', '/-/admin/plans', '/-/admin/invitations', '/-/admin/settings'],
    ],
  },
];

/** Wide, and then as narrow as it must be. */
const looks: readonly { readonly name: string; readonly look: Look; readonly widths: readonly number[] }[] = [
  { name: 'light, on a desk', look: { colours: 'light' }, widths: [1280, 768] },
  { name: 'dark, on a phone', look: { colours: 'dark', width: 360, height: 740 }, widths: [360, 320] },
];

suite('the page for everybody', { skip: skipWithoutChromium }, () => {
  for (const { name, look, widths } of looks) {
    test(`nothing that axe calls serious, nothing cut off: ${name}`, async () => {
      const wrong: string[] = [];
      for (const { who, paths } of pages) {
        await using window = await openWindow(browser, hub.url, look);
        const { page } = window;
        if (who !== undefined) await signIn(page, who);
        // axe is put in beside the page's own scripts, which its policy would not let a page do
        await window.context.addInitScript(axeSource);
        for (const path of paths) {
          await page.goto(path);
          await drawn(page);
          wrong.push(...(await findings(page)).map((found) => `${who} ${path}: ${found}`));
          wrong.push(...(await cutOff(page, widths)).map((found) => `${who} ${path}: ${found}`));
          const titles = await page.evaluate("document.querySelectorAll('h1:not(.markdown h1)').length");
          if (titles !== 1) wrong.push(`${who} ${path}: ${titles} headings of the first level`);
        }
        wrong.push(...window.faults);
      }
      assert.deepEqual(wrong, []);
    });
  }

  for (const colours of ['light', 'dark'] as const) {
    test(`nothing serious with a list, a wrong field, a menu or a dialog open: ${colours}`, async () => {
      await using window = await openWindow(browser, hub.url, { colours });
      const { page } = window;
      await window.context.addInitScript(axeSource);
      const wrong: string[] = [];
      await page.goto('/');
      await page.getByRole('combobox').fill('cra');
      await page.getByRole('option').first().waitFor();
      await page.keyboard.press('ArrowDown');
      wrong.push(...(await findings(page)));
      await page.goto('/-/sign-up');
      await page.getByLabel('Name').fill('ada');
      await page.getByLabel('Password').fill('short');
      await page.getByRole('button', { name: 'Make the account' }).click();
      await page.locator('.field.is-wrong').waitFor();
      wrong.push(...(await findings(page)));
      await signIn(page, 'ada');
      await page.getByRole('button', { name: /^Your account/ }).click();
      wrong.push(...(await findings(page)));
      await page.goto('/ada/crane/-/settings');
      await page.getByRole('button', { name: 'Delete the repository' }).click();
      await page.getByRole('dialog').waitFor();
      wrong.push(...(await findings(page)));
      await page.goto('/-/settings/security');
      await page.getByRole('button', { name: 'Turn on' }).click();
      await page.getByRole('img', { name: 'QR code for your app' }).waitFor();
      wrong.push(...(await findings(page)));
      assert.deepEqual(wrong, []);
      assert.deepEqual(window.faults, []);
    });
  }

  test('signing in, out, and to the content, by keyboard alone', async () => {
    await using window = await openWindow(browser, hub.url);
    const { page } = window;
    const press = (key: string) => page.keyboard.press(key);
    await page.goto('/');
    await drawn(page);
    await press('Tab');
    assert.equal(await page.evaluate('document.activeElement.textContent.trim()'), 'Skip to the content');
    await press('Enter');
    assert.equal(await page.evaluate('document.activeElement.id'), 'main');
    await page.goto('/ada/crane');
    await drawn(page);
    await press('/');
    assert.equal(await page.evaluate('document.activeElement.ariaLabel'), 'Search images');
    await press('Tab');
    await press('Tab');
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'Sign in');
    await press('Enter');
    await page.locator('input[name=name]:focus').waitFor();
    await page.keyboard.type('ada');
    await press('Tab');
    await page.keyboard.type('wrong');
    await press('Enter');
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Password').focus();
    await press('Control+A');
    await page.keyboard.type(password);
    await press('Enter');
    await page.waitForURL('**/ada/crane');
    const account = page.getByRole('button', { name: 'Your account, ada' });
    await account.waitFor();
    await account.focus();
    await press('ArrowDown');
    await page.locator('.menu-list a:focus', { hasText: 'Your repositories' }).waitFor();
    await press('Escape');
    await page.locator('.menu-button:focus').waitFor();
    await press('ArrowUp');
    await page.locator('.menu-list button:focus', { hasText: 'Sign out' }).waitFor();
    await press('Enter');
    await page.getByRole('link', { name: 'Sign in' }).first().waitFor();
    assert.deepEqual(window.faults, []);
  });

  test('a dialog keeps the focus, and gives it back', async () => {
    await using window = await openWindow(browser, hub.url);
    const { page } = window;
    await signIn(page, 'ada');
    await page.goto('/ada/crane/-/settings');
    await drawn(page);
    const opener = page.getByRole('button', { name: 'Delete the repository' });
    await opener.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    for (let turn = 0; turn < 8; turn++) {
      await page.keyboard.press('Tab');
      const inside = await page.evaluate(
        "document.activeElement === document.body || document.activeElement.closest('dialog') !== null",
      );
      assert.equal(inside, true);
    }
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.locator('button:focus', { hasText: 'Delete the repository' }).waitFor();
  });

  test('the colours that a person chose come with the next page, before any script', async () => {
    await using window = await openWindow(browser, hub.url);
    const { page } = window;
    await page.goto('/');
    const button = page.getByRole('button', { name: /^Colours/ });
    await button.click();
    await button.click();
    await page.getByText('Colours: dark').waitFor();
    const document = await page.request.get('/ada');
    assert.match(await document.text(), /<html[^>]* data-theme="dark"/);
  });
});

suite('the page against others', { skip: skipWithoutChromium }, () => {
  test('the second factor: set up by its picture, asked for, and a recovery code in its place', async () => {
    await hub.hub.accounts.users.create({ name: 'carol', password });
    await using window = await openWindow(browser, hub.url);
    const { page } = window;
    await signIn(page, 'carol');
    await page.goto('/-/settings/security');
    await page.getByRole('button', { name: 'Turn on' }).click();
    await page.getByRole('img', { name: 'QR code for your app' }).waitFor();
    const secret = (await page.getByRole('region', { name: 'Secret' }).textContent())!;
    await page.getByLabel('Code that it shows').fill('000000');
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.locator('.field.is-wrong').waitFor();
    await page.getByLabel('Code that it shows').fill(codeOf(secret.replaceAll(' ', '')));
    await page.getByRole('button', { name: 'Confirm' }).click();
    const codes = (await page.getByRole('region', { name: 'Recovery codes' }).textContent())!.split('\n');
    assert.ok(codes.length >= 8);
    await page.getByRole('button', { name: 'Your account, carol' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.goto('/-/sign-in');
    await page.getByLabel('Name').fill('carol');
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByLabel('Code').fill('not one');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('.field.is-wrong').waitFor();
    await page.getByLabel('Code').fill(codes[0]!);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Your account, carol' }).waitFor();
    assert.deepEqual(window.faults, []);
  });

  test('the session is a cookie that no script reads; one that is ended elsewhere ends here', async () => {
    await using window = await openWindow(browser, hub.url);
    const { page } = window;
    await signIn(page, 'bob');
    const cookies = await window.context.cookies();
    const session = cookies.find(({ name }) => name.startsWith('hub-session'));
    assert.deepEqual(
      { httpOnly: session?.httpOnly, sameSite: session?.sameSite, path: session?.path },
      { httpOnly: true, sameSite: 'Lax', path: '/' },
    );
    assert.doesNotMatch((await page.evaluate('document.cookie')) as string, /session/);
    const stored = await page.evaluate('localStorage.length + sessionStorage.length');
    assert.equal(stored, 0);
    const [open] = await hub.api<{ id: string }[]>('bob', 'GET', '/api/user/sessions');
    await hub.api('bob', 'DELETE', `/api/user/sessions/${open!.id}`);
    await page.getByRole('button', { name: 'Your account, bob' }).click();
    await page.getByRole('link', { name: 'Usage' }).click();
    await page.getByRole('link', { name: 'Sign in' }).first().waitFor();
  });

  test('with TLS the cookie is for this host alone, and never sent without', async () => {
    await using own = await startPageHub({ tls: true });
    await own.hub.accounts.users.create({ name: 'dora', password });
    await using window = await openWindow(browser, own.url);
    await signIn(window.page, 'dora');
    const cookies = await window.context.cookies();
    const session = cookies.find(({ name }) => name.startsWith('__Host-hub-session'));
    assert.deepEqual([session?.secure, session?.httpOnly, session?.path], [true, true, '/']);
    assert.deepEqual(window.faults, []);
  });

  test('another site neither frames it nor acts in it', async () => {
    await using window = await openWindow(browser, hub.url);
    const { page } = window;
    await signIn(page, 'ada');
    // without the token that the page has, the cookie alone changes nothing
    const { status } = (await page.evaluate(
      "fetch('/api/user', { method: 'PATCH', headers: { 'Content-Type': 'application/json' }, body: '{\"displayName\":\"x\"}' }).then(({ status }) => ({ status }))",
    )) as { status: number };
    assert.equal(status, 403);
    // what would come in as HTML or as a script's text is refused by the browser
    for (const attempt of [
      "document.body.innerHTML = '<img src=x onerror=alert(1)>'",
      "document.createElement('script').text = 'alert(1)'",
      "document.body.setAttribute('onclick', 'alert(1)')",
    ]) {
      await assert.rejects(page.evaluate(attempt), /Trusted/);
    }
    assert.ok(window.faults.some((fault) => fault.includes('policy: require-trusted-types-for')));
  });

  test('after signing in one goes on where one was, never to another site', async () => {
    for (const [next, want] of [
      ['/ada/secret', '/ada/secret'],
      ['//evil.example/x', '/'],
      ['https://evil.example/x', '/'],
    ] as const) {
      await using window = await openWindow(browser, hub.url);
      const { page } = window;
      await page.goto(`/-/sign-in?next=${encodeURIComponent(next)}`);
      await page.getByLabel('Name').fill('ada');
      await page.getByLabel('Password').fill(password);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.waitForURL(`${hub.url}${want}`);
      assert.deepEqual(window.faults, []);
    }
  });
});

suite('the page when something is amiss', { skip: skipWithoutChromium }, () => {
  test('a Hub that cannot be reached is said in place, and asked again', async () => {
    await using window = await openWindow(browser, hub.url);
    const { page } = window;
    await page.route('**/api/repositories/ada/crane', (route) => route.abort());
    await page.goto('/ada/crane');
    await page.getByText('The Hub could not be reached.').waitFor();
    await page.unroute('**/api/repositories/ada/crane');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'Crane', exact: true }).waitFor();
    assert.deepEqual(window.faults, []);
  });

  test('a defect in one page leaves the others', async () => {
    await using window = await openWindow(browser, hub.url);
    const { page } = window;
    await page.route('**/api/repositories/ada/crane', (route) => route.fulfill({ json: {} }));
    await page.goto('/ada/crane');
    await page.getByText('Something went wrong in this page.').waitFor();
    await page.getByRole('link', { name: 'Explore' }).click();
    await page.getByText('1 repository').waitFor();
  });

  test('a button that is pressed twice does its thing once', async () => {
    await using window = await openWindow(browser, hub.url);
    const { page } = window;
    await signIn(page, 'ada');
    let asked = 0;
    await page.route('**/api/user/tokens', async (route) => {
      if (route.request().method() === 'POST') asked++;
      await new Promise((resolve) => setTimeout(resolve, 200));
      await route.continue();
    });
    await page.goto('/-/settings/tokens');
    await page.getByLabel('Name').fill('twice');
    await page.getByRole('button', { name: 'Make the token' }).dblclick();
    await page.getByRole('region', { name: 'Token', exact: true }).waitFor();
    assert.equal(asked, 1);
  });
});
