// The main job with the keyboard alone, and what a screen reader is told of the pages on the way. `UPDATE=1` writes the
// snapshots anew.

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { quiet } from '../support/browser.js';
import { accessible } from '../support/axe.js';
import { ListPage } from '../pages/list_page.js';
import { stageAt } from '../support/stage.js';

// The exchanges are closed, which the snapshot of the list says.
const { server, browser } = await stageAt('2026-11-28T12:00:00Z', '--sim-interval-ms', '200');

test('the whole job is done without a mouse', async () => {
  const { page, context, complaints } = await browser.open(server.origin);
  const list = new ListPage(page);
  const keys = page.keyboard;
  await page.goto('/register');
  await page.getByLabel('E-mail address').waitFor();
  await matches(page, 'register');
  await tabTo(page, 'E-mail address');
  await keys.type('keys@example.com');
  await keys.press('Tab');
  await keys.type('correct horse battery');
  await keys.press('Enter');

  await page.getByRole('heading', { name: 'Nothing on this list yet' }).waitFor();
  for (const [query, symbol] of [['apple', 'AAPL'], ['microsoft', 'MSFT'], ['coca cola', 'KO']]) {
    await keys.press('/');
    await keys.type(query);
    await page.locator(`[role=option][aria-selected=true][data-symbol="${symbol}"]:has(mark)`).waitFor();
    await keys.press('Enter');
    await page.locator(`[role=option][data-symbol="${symbol}"]`).getByText('On this list').waitFor({ state: 'attached' });
    await keys.press('Escape');
    await keys.press('Escape');
  }
  await list.showsRows('AAPL', 'MSFT', 'KO');
  await list.row('KO').nextPrice();
  await matches(page, 'list');

  // Along the rows: one stop for the tab key, and the arrows from there.
  await tabTo(page, 'AAPL', '[role=row]');
  await keys.press('ArrowDown');
  await keys.press('Alt+ArrowUp');
  await list.showsRows('MSFT', 'AAPL', 'KO');
  await keys.press('Delete');
  await list.showsRows('AAPL', 'KO');
  await keys.press('Control+z');
  await list.showsRows('MSFT', 'AAPL', 'KO');
  await accessible(page);

  // To a security's page by its row, and back.
  await tabTo(page, '', '[role=row]');
  await keys.press('Home');
  await page.waitForFunction(() => document.activeElement?.dataset.symbol === 'MSFT');
  await keys.press('Enter');
  await page.waitForURL('**/securities/*');
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.goBack();
  await list.showsRows('MSFT', 'AAPL', 'KO');

  await keys.press('Control+k');
  await keys.type('>sign out');
  await page.locator('[role=option][aria-selected=true]').getByText('Sign out').waitFor();
  await keys.press('Enter');
  await page.getByLabel('Password', { exact: true }).waitFor();
  quiet(complaints);
  await context.close();
});

// Presses Tab until what has the focus holds this name; fails where the key never leads there.
async function tabTo(page, name, within = '*') {
  const reached = () =>
    page.evaluate(([name, within]) => {
      const active = document.activeElement;
      const label = active?.labels?.[0]?.textContent ?? active?.dataset?.symbol ?? '';
      return active?.matches(within) && label.includes(name);
    }, [name, within]);
  for (let presses = 0; presses < 60; presses += 1) {
    if (await reached()) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`the tab key does not lead to ${name}`);
}

// The roles and names of the page are as they were: figures, which move, are left out.
async function matches(page, name) {
  const file = new URL(`../snapshots/${name}.aria.txt`, import.meta.url);
  const told = (await page.locator('body').ariaSnapshot())
    .replaceAll(/wl_\w+/g, 'wl_ID')
    .replaceAll('Exchange closed ', '')
    .replaceAll(/\b(up|down|unchanged) /g, 'MOVE ')
    .replaceAll(/\b(now|\d+ s) /g, 'AGE ')
    .replaceAll(/[+\u2212-]?\d[\d.,]*/g, '0');
  if (process.env.UPDATE) await writeFile(file, `${told}\n`);
  assert.equal(`${told}\n`, await readFile(file, 'utf8'));
}
