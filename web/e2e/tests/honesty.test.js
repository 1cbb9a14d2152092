// What the page says of its prices is true: recorded prices are called so and are those of the file, a symbol without a
// price says why, and a lost connection is visible.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { AuthPage } from '../pages/auth_page.js';
import { ListPage } from '../pages/list_page.js';
import { Browser } from '../support/browser.js';
import { Server } from '../support/server.js';

const FILE = fileURLToPath(new URL('../../../api/data/daily_ohlcv.csv', import.meta.url));
/** The most prices of the file among which those that were seen stand: six days. */
const STRETCH = 24;
let browser;

before(async () => {
  browser = await Browser.launch();
});

after(async () => {
  await browser?.close();
});

test('a row shows the prices of the recording', async (t) => {
  const server = await Server.start('--feed', `replay:${FILE}`, '--replay-speed', '4');
  t.after(() => server.stop());
  const { page } = await browser.open(server.origin);
  const list = new ListPage(page);
  await new AuthPage(page).register('replay@example.com', 'correct horse battery');
  await list.addByKeyboard('ibm', 'IBM');
  await list.addByKeyboard('nvidia', 'NVDA');
  assert.equal(await list.feedBadge.textContent(), 'Replay');
  await list.row('NVDA').absent.getByText(/not covered/i).waitFor();

  const shown = [];
  for (let count = 0; count < 6; count += 1) {
    shown.push(Number((await list.row('IBM').nextPrice()).replaceAll(',', '')));
  }
  const lines = (await readFile(FILE, 'utf8')).split('\n').filter((line) => line.startsWith('IBM,'));
  // As the feed plays a day: open, low, high, close. A price that repeats is no change to see.
  const played = lines.flatMap((line) => {
    const [, , open, high, low, close] = line.split(',').map(Number);
    return [open, low, high, close];
  });
  const changes = played.filter((price, at) => price !== played[at - 1]);
  // In their order, within a few days: of what comes while the page is busy it shows the newest alone.
  const follows = (from) => {
    let at = from;
    return shown.every((price) => {
      at = changes.indexOf(price, at) + 1;
      return at > 0 && at <= from + STRETCH;
    });
  };
  const found = changes.some((price, at) => price === shown[0] && follows(at));
  assert.ok(found, `not a stretch of the file: ${shown}`);
});

test('a lost connection is said and mended', async (t) => {
  const server = await Server.start('--sim-interval-ms', '200');
  t.after(() => server.stop());
  const { page, context } = await browser.open(server.origin);
  const list = new ListPage(page);
  await new AuthPage(page).register('lost@example.com', 'correct horse battery');
  await list.addByKeyboard('apple', 'AAPL');
  await list.row('AAPL').nextPrice();
  await context.setOffline(true);
  await page.waitForFunction(() => document.querySelector('[data-testid=connection-badge]').dataset.state === 'offline');
  assert.notEqual(await list.row('AAPL').price.textContent(), '', 'the last value stays');
  await context.setOffline(false);
  await page.waitForFunction(() => document.querySelector('[data-testid=connection-badge]').dataset.state === 'connected');
  await list.row('AAPL').nextPrice();
});
