// The ways in, and the first minutes of somebody who has no account.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AccountPage } from '../pages/account_page.js';
import { AuthPage } from '../pages/auth_page.js';
import { ListPage } from '../pages/list_page.js';
import { PASSWORD } from '../support/account.js';
import { accessible } from '../support/axe.js';
import { LOOKS, quiet } from '../support/browser.js';
import { Server } from '../support/server.js';
import { stage } from '../support/stage.js';

const { server, browser } = await stage('--sim-interval-ms', '200', '--anon-per-minute', '0');

for (const [look, options] of LOOKS) {
  test(`the ways in are accessible and fit (${look})`, async () => {
    const { page, context, complaints } = await browser.open(server.origin, options);
    for (const [path, button] of [['/login', 'Sign in'], ['/register', 'Create account'], ['/reset', 'Send a link']]) {
      await page.goto(path);
      await page.getByRole('button', { name: button, exact: true }).click();
      await page.locator('[aria-invalid=true]').first().waitFor();
      assert.equal(await new ListPage(page).sideways(), 0, path);
      await accessible(page);
    }
    quiet(complaints);
    await context.close();
  });

  test(`a visitor tries it with one click, and keeps what there is (${look})`, async () => {
    const { page, context, complaints } = await browser.open(server.origin, options);
    const [account, list, auth] = [new AccountPage(page), new ListPage(page), new AuthPage(page)];
    await page.goto('/');
    await account.tryAsGuest();
    await list.rows.first().waitFor();
    const symbols = await list.symbols();
    assert.ok(symbols.length >= 5, 'a first list');
    await list.row(symbols[0]).nextPrice();
    assert.equal(await list.sideways(), 0);

    await account.guestBar.getByRole('link', { name: 'Keep it' }).click();
    await page.getByRole('heading', { name: 'Keep this account' }).waitFor();
    assert.deepEqual(await account.sections.getByRole('link').allTextContents(), ['Keep this account', 'Appearance', 'Notifications', 'Your data']);
    await accessible(page);
    const email = `kept-${look.replaceAll(/\W+/g, '-')}@example.com`;
    await auth.email.fill(email);
    await auth.password.fill(PASSWORD);
    await page.getByRole('button', { name: 'Keep account' }).click();
    await account.says('The account is yours to keep.');
    await account.guestBar.waitFor({ state: 'detached' });

    await account.openPanel();
    await account.panel.getByRole('button', { name: 'Sign out' }).click();
    await auth.password.waitFor();
    await auth.logIn(email, PASSWORD);
    await page.waitForFunction(
      (first) => document.querySelector('[data-symbol][role=row]')?.dataset.symbol === first,
      symbols[0],
    );
    quiet(complaints);
    await context.close();
  });
}

test('a server without guests offers none', async (t) => {
  const closed = await Server.start('--guests', '0');
  t.after(() => closed.stop());
  const { page, context, complaints } = await browser.open(closed.origin);
  const asked = page.waitForResponse((answer) => answer.url().endsWith('/auth/guest'));
  await page.goto('/login');
  assert.deepEqual(await (await asked).json(), { available: false, registration: 'open' });
  await new AuthPage(page).password.waitFor();
  assert.equal(await page.getByRole('button', { name: 'Try it without an account' }).count(), 0);
  quiet(complaints);
  await context.close();
});
