import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openWindow, skipWithoutChromium, startBrowser, type Window } from '../fixtures/browser.ts';
import { fillHub, type PageHub, password, signIn, startPageHub } from '../fixtures/hub-page.ts';

let hub: PageHub;
let browser: Browser;

before(async () => {
  if (skipWithoutChromium !== false) return;
  hub = await startPageHub();
  await fillHub(hub);
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await hub?.[Symbol.asyncDispose]();
  assert.deepEqual(hub?.errors ?? [], []);
});

/** A window, as somebody; at its end nothing may have gone wrong in it. */
async function inWindow(who: string | undefined, act: (page: Page, window: Window) => Promise<void>) {
  await using window = await openWindow(browser, hub.url);
  if (who !== undefined) await signIn(window.page, who);
  await act(window.page, window);
  assert.deepEqual(window.faults, []);
}

const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name }).first().waitFor();

suite('the page, in a browser', { skip: skipWithoutChromium }, () => {
  test('a stranger finds a public image by the beginning of a word, and reads how to pull it', () =>
    inWindow(undefined, async (page) => {
      await page.goto('/');
      await page.getByRole('combobox', { name: 'Search images' }).fill('lif');
      const best = page.getByRole('option', { name: /ada\/crane/ });
      await best.waitFor();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await heading(page, 'Crane');
      assert.equal(new URL(page.url()).pathname, '/ada/crane');
      assert.equal(await page.locator('.markdown script, .markdown img').count(), 0);
      const command = page.getByRole('region', { name: 'Pull command' });
      assert.equal(await command.textContent(), `docker pull ${hub.host}/ada/crane`);
    }));

  test('the search page finds as one types, and says so when nothing fits', () =>
    inWindow(undefined, async (page) => {
      await page.goto('/-/search');
      const field = page.getByRole('searchbox');
      await field.fill('crane');
      await page.waitForURL('**/-/search?q=crane');
      await page.getByText('1 repository').waitFor();
      await field.press('ArrowDown');
      assert.equal(await page.evaluate('document.activeElement.textContent'), 'crane');
      await field.fill('nothing at all');
      await page.getByText('Nothing fits “nothing at all”').waitFor();
    }));

  test('an image shows platforms, layers with their commands, config and what is attached', () =>
    inWindow(undefined, async (page) => {
      await page.goto('/ada/crane/-/tags');
      await page.getByRole('link', { name: '1.0' }).click();
      await page.getByRole('link', { name: 'linux/amd64' }).click();
      await heading(page, 'Layers');
      assert.deepEqual(await page.locator('.layer-command').allTextContents(), [
        'step 0',
        'step 1',
        'step 2',
      ]);
      await page.getByText('["/bin/crane"]').waitFor();
      await page.getByRole('link', { name: 'application/spdx+json' }).click();
      await page.getByRole('heading', { name: 'application/spdx+json' }).waitFor();
    }));

  test('a command is copied whole', () =>
    inWindow(undefined, async (page, { context }) => {
      await context.grantPermissions(['clipboard-read', 'clipboard-write']);
      await page.goto('/ada/crane');
      await page.getByRole('button', { name: 'Copy the pull command' }).click();
      await page.getByRole('button', { name: 'Copied the pull command' }).waitFor();
      assert.equal(
        await page.evaluate('navigator.clipboard.readText()'),
        `docker pull ${hub.host}/ada/crane`,
      );
    }));

  for (const who of [undefined, 'bob']) {
    test(`a private repository and one that is not there are the same page for ${who ?? 'a stranger'}`, () =>
      inWindow(who, async (page, window) => {
        const seen: string[] = [];
        for (const name of ['secret', 'nobody']) {
          for (const rest of ['', '/-/tags', '/-/tags/v1', '/-/settings']) {
            await page.goto(`/ada/${name}${rest}`);
            await page.getByText('There is nothing here that you may see').waitFor();
            if (who === undefined) await page.getByRole('link', { name: 'Sign in' }).nth(1).waitFor();
            const html = await page.content();
            seen.push(html.replaceAll(name, 'NAME'));
          }
        }
        assert.deepEqual(seen.slice(4), seen.slice(0, 4));
        // the answers that the page had, too
        const of = (name: string) =>
          window.refused.filter((line) => line.includes(name)).map((line) => line.replaceAll(name, 'NAME'));
        assert.deepEqual(of('nobody'), of('secret'));
        assert.ok(of('secret').length >= 4);
        await page.goto('/-/search?q=secret');
        await page.getByText('Nothing fits').waitFor();
      }));
  }

  test('its owner sees it, describes it, previews, opens it to everybody and deletes it', () =>
    inWindow('ada', async (page) => {
      await hub.api('ada', 'POST', '/api/repositories', { name: 'ada/short', visibility: 'private' });
      await page.goto('/ada/short/-/settings');
      await page.getByLabel('In a line').fill('Not for long');
      await page.getByLabel('Overview').fill('# Words\n\n<b onclick="alert(1)">bold</b>');
      await page.getByRole('button', { name: 'Preview' }).click();
      await heading(page, 'Words');
      assert.equal(await page.locator('.preview [onclick]').count(), 0);
      await page.getByRole('button', { name: 'Save' }).first().click();
      await page.getByText('Saved.').waitFor();
      await page.getByRole('button', { name: 'Make it public' }).click();
      const dialog = page.getByRole('dialog');
      const confirm = dialog.getByRole('button', { name: 'Make it public' });
      assert.equal(await confirm.isDisabled(), true);
      await dialog.getByRole('textbox').fill('ada/short');
      await confirm.click();
      await page.getByRole('button', { name: 'Make it private' }).waitFor();
      const shown = await hub.api<{ description: string }>(undefined, 'GET', '/api/repositories/ada/short');
      assert.equal(shown.description, 'Not for long');
      await page.getByRole('button', { name: 'Delete the repository' }).click();
      await dialog.getByRole('textbox').fill('ada/short');
      await dialog.getByRole('button', { name: 'Delete the repository' }).click();
      await page.waitForURL('**/ada');
      await assert.rejects(hub.api('ada', 'GET', '/api/repositories/ada/short'), /404/);
    }));

  test('a repository is granted to a team and a person, and taken back', () =>
    inWindow('ada', async (page) => {
      await page.goto('/crew/engine/-/settings');
      const form = page.getByRole('form', { name: 'Grant' });
      await form.getByLabel('Name').fill('nobody-there');
      await form.getByRole('button', { name: 'Grant' }).click();
      await form.getByText(/nobody-there/).waitFor();
      await form.getByLabel('Name').fill('bob');
      await form.getByLabel('May').selectOption('write');
      await form.getByRole('button', { name: 'Grant' }).click();
      await page.getByRole('button', { name: 'Take it from bob' }).click();
      await page.getByRole('button', { name: 'Take it from bob' }).waitFor({ state: 'detached' });
      const grants = await hub.api<unknown[]>('ada', 'GET', '/api/repositories/crew/engine/-/grants');
      assert.deepEqual(grants, [{ kind: 'team', name: 'ops', level: 'read' }]);
    }));

  test('a tag is deleted; one that is immutable has no button for it', () =>
    inWindow('ada', async (page) => {
      await page.goto('/ada/crane/-/tags');
      await page.getByRole('button', { name: 'Delete the tag edge' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Delete the tag' }).click();
      await page.getByRole('button', { name: 'Delete the tag edge' }).waitFor({ state: 'detached' });
      assert.equal(await page.getByRole('button', { name: 'Delete the tag 1.0' }).count(), 0);
    }));

  test('an organisation is made, with a team, a role and an invitation that another takes', () =>
    inWindow('ada', async (page) => {
      await page.goto('/-/new-organisation');
      await page.getByLabel('Name', { exact: true }).fill('admin');
      await page.getByRole('button', { name: 'Make the organisation' }).click();
      const name = page.getByLabel('Name', { exact: true });
      await page.getByText(/reserved/).waitFor();
      assert.equal(await name.getAttribute('aria-invalid'), 'true');
      await page.locator('input[name=name]:focus').waitFor();
      await name.fill('yard');
      await page.getByRole('button', { name: 'Make the organisation' }).click();
      await page.waitForURL('**/yard/-/members');
      await page.getByRole('link', { name: 'Teams' }).click();
      await page.getByRole('button', { name: 'New team' }).click();
      await page.getByRole('dialog').getByLabel('Name').fill('night');
      await page.getByRole('button', { name: 'Make the team' }).click();
      await page.waitForURL('**/yard/-/teams/night');
      await page.goto('/yard/-/invitations');
      await page.getByLabel('Role').selectOption('editor');
      await page.getByRole('button', { name: 'Make an invitation' }).click();
      const link = await page.getByRole('region', { name: 'Invitation link' }).textContent();
      await inWindow('bob', async (other) => {
        await other.goto(link!);
        await other.getByRole('button', { name: 'Join yard' }).click();
        await other.waitForURL('**/yard');
      });
      const members = await hub.api<{ name: string; role: string }[]>(
        'ada',
        'GET',
        '/api/organisations/yard/members',
      );
      assert.deepEqual(
        members.map(({ name: member, role }) => [member, role]),
        [
          ['ada', 'owner'],
          ['bob', 'editor'],
        ],
      );
    }));

  test('an access token is shown once, signs in, and is deleted', () =>
    inWindow('ada', async (page) => {
      await page.goto('/-/settings/tokens');
      await page.getByLabel('Name').fill('laptop');
      await page.getByLabel('Read', { exact: true }).check();
      await page.getByRole('button', { name: 'Make the token' }).click();
      const secret = await page.getByRole('region', { name: 'Token', exact: true }).textContent();
      const headers = { Authorization: `Bearer ${secret}` };
      const session = await fetch(`${hub.url}/api/user`, { headers });
      assert.equal(((await session.json()) as { name: string }).name, 'ada');
      await page.reload();
      await page.getByRole('cell', { name: 'laptop', exact: true }).waitFor();
      assert.equal((await page.content()).includes(secret!), false);
      await page.getByRole('button', { name: 'Delete the token laptop' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Delete the token' }).click();
      await page.getByText('You have none').waitFor();
      assert.equal((await fetch(`${hub.url}/api/user`, { headers })).status, 401);
    }));

  test('usage stands beside its plan, and at 80 % it warns', () =>
    inWindow('boss', async (page) => {
      await page.goto('/-/admin/plans');
      await page.getByRole('button', { name: 'New plan' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Name').fill('Tight');
      await dialog.getByLabel('Private storage, GiB').fill('0.0008');
      await dialog.getByRole('button', { name: 'Save' }).click();
      await heading(page, 'Tight');
      await page.goto('/-/admin/accounts');
      await page.getByLabel('Plan of ada').selectOption('Tight');
      await page.waitForLoadState('networkidle');
      await inWindow('ada', async (own) => {
        await own.goto('/ada/-/usage');
        await own.getByText(/Private storage: .* are used/).waitFor();
        await own.getByRole('img', { name: /Private storage: 8\d %/ }).waitFor();
      });
      await page.getByLabel('Plan of ada').selectOption('Free');
      await page.waitForLoadState('networkidle');
    }));

  test('an administrator sees the state, collects, changes settings and rights; others see nothing there', () =>
    inWindow('boss', async (page) => {
      await page.goto('/-/admin');
      await page.getByRole('button', { name: 'Collect now' }).click();
      await page.getByText(/^Last/).waitFor();
      await page.getByRole('link', { name: 'Settings' }).click();
      await page.getByLabel('The Hub’s name').fill('Our Hub');
      await page.getByLabel('Open').check();
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('Saved.').waitFor();
      await page.getByRole('link', { name: 'Our Hub' }).waitFor();
      await page.goto('/-/audit?action=settings.change');
      await page.getByRole('cell', { name: 'boss' }).first().waitFor();
      await inWindow('bob', async (other) => {
        await other.goto('/-/admin');
        await other.getByText('There is nothing here that you may see').waitFor();
      });
    }));

  test('somebody signs up, where that is open; what is wrong is said beside its field', () =>
    inWindow(undefined, async (page) => {
      await hub.api('boss', 'PATCH', '/api/admin/settings', { signUp: 'open' });
      await page.goto('/-/sign-up');
      await page.getByLabel('Name').fill('ada');
      await page.getByLabel('Password').fill(password);
      await page.getByRole('button', { name: 'Make the account' }).click();
      await page
        .locator('.field.is-wrong')
        .getByText(/taken|there is|exists/i)
        .waitFor();
      await page.getByLabel('Name').fill('carol');
      await page.getByRole('button', { name: 'Make the account' }).click();
      await page.getByRole('button', { name: 'Your account, carol' }).waitFor();
      await page.getByText('Push your first image').waitFor();
    }));

  test('one who was invited makes an account by the link, where only that does', async () => {
    await hub.api('boss', 'PATCH', '/api/admin/settings', { signUp: 'invitation' });
    let link = '';
    await inWindow('boss', async (page) => {
      await page.goto('/-/admin/invitations');
      await page.getByLabel(/E-mail address/).fill('dora@example.com');
      await page.getByRole('button', { name: 'Make an invitation' }).click();
      link = (await page.getByRole('region', { name: 'Invitation link' }).textContent())!;
      await page.getByRole('cell', { name: 'dora@example.com', exact: true }).waitFor();
    });
    await inWindow(undefined, async (page) => {
      await page.goto(link);
      await page.getByRole('link', { name: 'Make an account' }).click();
      await page.getByLabel('Name').fill('dora');
      await page.getByLabel('Password').fill(password);
      await page.getByRole('button', { name: 'Make the account' }).click();
      await page.getByRole('button', { name: 'Your account, dora' }).waitFor();
    });
  });

  test('a long audit log is read on, and filtered', async () => {
    for (let turn = 0; turn < 70; turn++) {
      await hub.api('bob', 'PATCH', '/api/user', { displayName: `Bob ${turn}` });
    }
    await inWindow('bob', async (page) => {
      await page.goto('/-/audit');
      await page.getByLabel('What').fill('user.change');
      await page.getByRole('button', { name: 'Filter' }).click();
      await page.waitForURL('**/-/audit?action=user.change');
      const rows = page.locator('tbody tr');
      await rows.nth(49).waitFor();
      await page.getByRole('button', { name: 'Older' }).click();
      await rows.nth(69).waitFor();
      const words = await page.locator('tbody code.audit-action').allTextContents();
      assert.deepEqual([...new Set(words)], ['user.change']);
      assert.equal(words.length, 70);
      await page.getByRole('button', { name: 'All' }).click();
      await page.getByRole('cell', { name: 'user.sign-in' }).first().waitFor();
    });
  });
});
