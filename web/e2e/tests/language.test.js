// The app in another language, and mirrored.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AccountPage } from '../pages/account_page.js';
import { AuthPage } from '../pages/auth_page.js';
import { ListPage } from '../pages/list_page.js';
import { PASSWORD } from '../support/account.js';
import { accessible } from '../support/axe.js';
import { DESKTOP, PHONE, quiet } from '../support/browser.js';
import { stage } from '../support/stage.js';

const { server, browser } = await stage('--sim-interval-ms', '200', '--anon-per-minute', '0');

test('a German browser is spoken to in German, with its own marks in figures', async () => {
  const { page, context, complaints } = await browser.open(server.origin, { viewport: PHONE, locale: 'de-DE' });
  const list = new ListPage(page);
  await page.goto('/login');
  await page.getByRole('heading', { name: 'Anmelden' }).waitFor();
  assert.equal(await page.getAttribute('html', 'lang'), 'de');
  assert.equal(await list.sideways(), 0);
  await accessible(page);
  await page.getByRole('button', { name: 'Ohne Konto ausprobieren' }).click();
  const [symbol] = await list.rows.first().waitFor().then(() => list.symbols());
  assert.match(await list.row(symbol).price.textContent(), /^[\d.]+,\d{2,}$/);
  await page.getByRole('link', { name: 'Behalten' }).click();
  await page.getByRole('heading', { name: 'Dieses Konto behalten' }).waitFor();
  for (const hash of ['appearance', 'data']) {
    await page.goto(`/account#${hash}`);
    await page.getByRole('heading', { level: 2 }).first().waitFor();
    assert.equal(await list.sideways(), 0, hash);
    await accessible(page);
  }
  quiet(complaints);
  await context.close();
});

test('the language is changed by hand, at the door and in the account, and stays', async () => {
  const { page, context, complaints } = await browser.open(server.origin);
  await page.goto('/login');
  await page.getByRole('button', { name: 'Deutsch' }).click();
  await page.getByRole('heading', { name: 'Anmelden' }).waitFor();
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  assert.equal(await page.getAttribute('html', 'lang'), 'en');

  await new AuthPage(page).register('language@example.com', PASSWORD);
  await new AccountPage(page).button.waitFor();
  await page.goto('/account#appearance');
  await page.getByText('Deutsch', { exact: true }).click();
  await page.getByRole('heading', { name: 'Darstellung' }).waitFor();
  await page.goto('/account#history');
  await page.getByText('Das Konto wurde angelegt').waitFor();
  quiet(complaints);
  await context.close();
});

for (const viewport of [DESKTOP, PHONE]) {
  test(`the pages are mirrored for a language that is read from right to left (${viewport.width} px)`, async () => {
    const { page, context, complaints } = await browser.open(server.origin, { viewport });
    const [list, account] = [new ListPage(page), new AccountPage(page)];
    await page.addInitScript(() => addEventListener('DOMContentLoaded', () => document.documentElement.setAttribute('dir', 'rtl')));
    const middle = (locator) => locator.boundingBox().then((box) => box.x + box.width / 2);
    await page.goto('/login');
    await page.getByRole('button', { name: 'Try it without an account' }).waitFor();
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).direction), 'rtl');
    assert.equal(await list.sideways(), 0, 'signing in');
    await account.tryAsGuest();
    await list.rows.first().waitFor();
    assert.equal(await list.sideways(), 0, 'the list');
    assert.ok((await middle(account.button)) < viewport.width / 2, 'the account is at the left');
    assert.ok((await middle(page.getByRole('link', { name: 'Watchtape, home' }))) > viewport.width / 2, 'the brand is at the right');
    await account.openPanel();
    const panel = await account.panel.boundingBox();
    assert.ok(panel.x >= 0 && panel.x < viewport.width / 4, 'the panel is below its button');
    for (const hash of ['appearance', 'data']) {
      await page.goto(`/account#${hash}`);
      await page.getByRole('heading', { level: 2 }).first().waitFor();
      assert.equal(await list.sideways(), 0, hash);
    }
    if (viewport === DESKTOP) {
      const heading = page.getByRole('heading', { level: 2 }).first();
      assert.ok((await middle(account.sections)) > (await middle(heading)), 'the sections are at the right');
    }
    quiet(complaints);
    await context.close();
  });
}
