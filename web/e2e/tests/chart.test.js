// What the chart of a security shows, near the end of a day in New York: the whole day on a phone too, no prices that cannot
// be, and the change that the head of the page shows.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuthPage } from '../pages/auth_page.js';
import { SecurityPage } from '../pages/security_page.js';
import { PASSWORD } from '../support/account.js';
import { Account, symbols } from '../support/api.js';
import { DESKTOP, PHONE, quiet } from '../support/browser.js';
import { stageAt } from '../support/stage.js';

const EMAIL = 'chart@example.com';
// Prices move seldom, so that what is drawn can be compared with what was answered.
const { server, browser } = await stageAt('2026-11-20T23:30:00Z', '--sim-interval-ms', '60000', '--anon-per-minute', '0');
const account = await Account.register(server.origin, EMAIL, PASSWORD);
await account.fill('symbol\nAAPL\n');

async function open(symbol, options) {
  const tab = await browser.open(server.origin, options);
  await tab.page.addInitScript(recordTexts);
  const security = new SecurityPage(tab.page);
  await new AuthPage(tab.page).logIn(EMAIL, PASSWORD);
  await tab.page.waitForURL('**/lists/*');
  await security.open(symbol);
  await security.shows('Day');
  await security.colours();
  return { ...tab, security };
}

// Runs in the page: what is written into pictures, which nothing else tells.
function recordTexts() {
  window.drawn = [];
  const { fillText } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
    window.drawn.push(text);
    return fillText.call(this, text, ...rest);
  };
}

for (const viewport of [PHONE, DESKTOP]) {
  test(`the chart of a day begins with its first minute and ends with its last (${viewport.width} px)`, async () => {
    const { page, context, complaints, security } = await open('AAPL', { viewport });
    const answer = page.waitForResponse((response) => response.url().includes('interval=1m'));
    await page.reload();
    const { items } = await (await answer).json();
    await security.shows('Day');
    await security.colours();
    // The simulated market never closes, and its days are those of UTC.
    const day = (bar) => bar.start.slice(0, 10);
    const first = items.find((bar) => day(bar) === day(items.at(-1)));
    const count = items.length - items.indexOf(first);
    assert.ok(count > 1_000, `${count} minutes are more than a phone has pixels`);
    await security.chart.and(page.getByRole('img', { name: new RegExp(`${count} bars`) })).waitFor();
    const clock = new Intl.DateTimeFormat('en-GB', { timeZone: 'America/New_York', hour: '2-digit', minute: '2-digit' });
    const minutes = (time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
    const told = minutes((await security.legend.textContent()).match(/\d\d:\d\d/)[0]);
    // A price may have come since, of the next minute.
    const since = told - minutes(clock.format(new Date(items.at(-1).start)));
    assert.ok(since >= 0 && since <= 2, `the newest is of ${since} minutes later`);
    const plot = await page.locator('.chart-plot').boundingBox();
    await page.mouse.move(plot.x + 0.5, plot.y + plot.height / 2);
    // A pixel is five minutes wide.
    await page.waitForFunction(
      (first) => {
        const [, hour, minute] = document.querySelector('.chart-legend').textContent.match(/(\d\d):(\d\d)/);
        const past = Number(hour) * 60 + Number(minute) - first;
        return past >= 0 && past <= 15;
      },
      minutes(clock.format(new Date(first.start))),
    );
    quiet(complaints);
    await context.close();
  });
}

test('no price below zero is on the axis of all that is recorded', async () => {
  // The one of many that has risen most: below its lowest price there is the most room.
  const rises = [];
  for (const symbol of await symbols(60)) {
    const { items } = await account.get(`/quotes/${symbol}/bars?interval=1d&limit=5000&from=2000-01-01T00:00:00Z`);
    rises.push({ symbol, part: Math.min(...items.map(({ low }) => low)) / Math.max(...items.map(({ high }) => high)) });
  }
  const { symbol, part } = rises.sort((one, other) => one.part - other.part)[0];
  assert.ok(part < 0.12, `${symbol} was at ${part} of its highest price`);
  const { page, context, complaints, security } = await open(symbol, { viewport: DESKTOP });
  await page.evaluate(() => (window.drawn = []));
  await security.reach('All').click();
  await security.shows('All');
  await page.waitForFunction(() => window.drawn.some((text) => /^\d/.test(text)));
  const below = (await page.evaluate(() => window.drawn)).filter((text) => /^[-\u2212]/.test(text));
  assert.deepEqual(below, []);
  quiet(complaints);
  await context.close();
});

test('the legend of the newest bar has the change that the head of the page has, over every reach', async () => {
  const { page, context, complaints, security } = await open('AAPL', { viewport: DESKTOP });
  for (const symbol of ['AAPL', 'MSFT', 'NVDA']) {
    await security.open(symbol);
    await security.reach('Day').click();
    await security.shows('Day');
    await security.colours();
    for (const reach of ['Day', 'Week', 'Month', 'Year']) {
      await security.reach(reach).click();
      await security.shows(reach);
      // Both at once, and with one minus sign. They round each for themselves.
      await page.waitForFunction(() => {
        const head = document.querySelector('.security-price .change [aria-hidden]').textContent;
        const legend = [...document.querySelectorAll('.chart-legend b')].find((part) => part.textContent.endsWith('%'));
        const isWritten = [head, legend?.textContent].every((text) => /^[+\u2212]?\d+\.\d\d%$/.test(text));
        const value = (text) => Number(text.replace('\u2212', '-').replace('%', ''));
        return isWritten && Math.abs(value(head) - value(legend.textContent)) < 0.015;
      });
    }
  }
  quiet(complaints);
  await context.close();
});
