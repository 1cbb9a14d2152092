// The line of a session in a row of the table. A day of the simulated market begins at midnight UTC with a single point: the
// test has its moment at noon.

import { test } from 'node:test';
import { AuthPage } from '../pages/auth_page.js';
import { TablePage } from '../pages/table_page.js';
import { PASSWORD } from '../support/account.js';
import { Account } from '../support/api.js';
import { quiet } from '../support/browser.js';
import { stageAt } from '../support/stage.js';

const { server, browser } = await stageAt('2026-11-28T12:00:00Z', '--sim-interval-ms', '200');

test('a session is drawn as a line that goes on', async () => {
  const email = 'lines@example.com';
  await (await Account.register(server.origin, email, PASSWORD)).fill('symbol,section,flag,note\nAAPL,,,\nMSFT,,,');
  const { page, context, complaints } = await browser.open(server.origin);
  await new AuthPage(page).logIn(email, PASSWORD);
  const line = new TablePage(page).row('AAPL').locator('.spark-line');
  await page.waitForFunction(() => document.querySelector('[data-symbol=AAPL] .spark-line')?.getAttribute('d')?.length > 20);
  const before = await line.getAttribute('d');
  await page.waitForFunction(
    (before) => document.querySelector('[data-symbol=AAPL] .spark-line').getAttribute('d') !== before,
    before,
  );
  quiet(complaints);
  await context.close();
});

