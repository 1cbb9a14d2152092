// Clocks that do not agree: those of people are wrong by days, and every clock passes midnight.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ListPage } from '../pages/list_page.js';
import { SecurityPage } from '../pages/security_page.js';
import { TablePage } from '../pages/table_page.js';
import { signedUp } from '../support/account.js';
import { quiet } from '../support/browser.js';
import { Clock } from '../support/clock.js';
import { stageAt } from '../support/stage.js';

const DAY_MS = 86_400_000;
const MOMENT = '2026-12-16T15:00:00Z';
const { server, browser } = await stageAt(MOMENT, '--sim-interval-ms', '200', '--anon-per-minute', '0');

for (const [way, days] of [['ahead', 20], ['behind', -20]]) {
  test(`a device whose clock is days ${way} tells ages, bars and ends by the server's`, async () => {
    const clock = Clock.at(MOMENT).ahead(days * DAY_MS);
    const { page, context, complaints, account } = await signedUp(browser, server, `${way}@example.com`, { clock });
    const [list, table, security] = [new ListPage(page), new TablePage(page), new SecurityPage(page)];
    await account.open('API keys');
    await page.getByLabel('What it is for').fill('Spreadsheet');
    await page.getByText('In 30 days', { exact: true }).click();
    await page.getByRole('button', { name: 'Create key' }).click();
    await account.key.waitFor();
    await account.entry('Spreadsheet').getByText('15 January 2027').waitFor();

    await page.goto('/');
    await list.addByKeyboard('apple', 'AAPL');
    await list.row('AAPL').nextPrice();
    await table.row('AAPL').locator('.column-price').hover();
    // Today's prices have a time, and no date.
    await table.card.getByText(/^(just now|\d+ seconds? ago), 15:\d\d:\d\d$/).waitFor();

    // Loaded anew: nothing has told this page the time before it asks for bars.
    await security.open('AAPL');
    await security.shows('Day');
    assert.ok((await security.colours()) > 2, 'the day is drawn');
    quiet(complaints);
    await context.close();
  });
}

test('a price of the day before is told with its date', async () => {
  const { page, context, complaints } = await signedUp(browser, server, 'midnight@example.com', { timed: true });
  const [list, table] = [new ListPage(page), new TablePage(page)];
  await page.goto('/');
  await list.addByKeyboard('apple', 'AAPL');
  await list.row('AAPL').nextPrice();
  await context.setOffline(true);
  await list.isLinked('offline');
  await page.clock.fastForward('10:00:00');
  await table.row('AAPL').locator('.column-price').hover();
  await table.card.getByText(/ago, 16 Dec 2026, \d\d:\d\d:\d\d$/).waitFor();
  quiet(complaints.filter((text) => !text.includes('ERR_INTERNET_DISCONNECTED')));
  await context.close();
});

for (const [way, hours] of [['ahead', 6], ['back', -6]]) {
  test(`a device's clock that is set ${way} while the page is open makes no price older or younger`, async () => {
    const { page, context } = await signedUp(browser, server, `set-${way}@example.com`, { timed: true });
    const list = new ListPage(page);
    await page.goto('/');
    await list.addByKeyboard('apple', 'AAPL');
    await list.row('AAPL').nextPrice();
    const ages = await page.evaluateHandle(() => {
      const seen = new Set();
      // Beside the age there are words for screen readers, in elements of their own.
      const words = (age) => [...age.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE).map(({ data }) => data);
      const note = () => seen.add(words(document.querySelector('.row .age')).join('').trim());
      new MutationObserver(note).observe(document.querySelector('.row'), { characterData: true, childList: true, subtree: true });
      note();
      return seen;
    });
    // What is asked for the time; set ahead, the token looks expired, and the answer that renews it tells the time too.
    const told = page.waitForResponse((answer) => /\/api\/v1\/(market|auth\/refresh)$/.test(answer.url()));
    await page.clock.setSystemTime(await page.evaluate((hours) => Date.now() + hours * 3_600_000, hours));
    await told;
    // Long enough for whatever the page waits for itself.
    await page.clock.fastForward(6_000);
    await list.row('AAPL').nextPrice();
    await page.clock.fastForward(6_000);
    await list.row('AAPL').nextPrice();
    const shown = await ages.evaluate((seen) => [...seen]);
    assert.ok(shown.every((age) => /^(now|\d+s)$/.test(age)), `${shown}`);
    await context.close();
  });
}
