// A security's page: what it is, what it did, which lists hold it. In both themes, on a phone and on a desk.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuthPage } from '../pages/auth_page.js';
import { ListPage } from '../pages/list_page.js';
import { SecurityPage } from '../pages/security_page.js';
import { PASSWORD } from '../support/account.js';
import { accessible } from '../support/axe.js';
import { LOOKS, quiet } from '../support/browser.js';
import { stage } from '../support/stage.js';

const REACHES = ['Day', 'Week', 'Month', 'Year', 'All'];
const { server, browser } = await stage('--sim-interval-ms', '200');

// Somebody with AAPL on the list, at the list.
async function listWithApple(email, options) {
  const tab = await browser.open(server.origin, options);
  const requests = [];
  tab.page.on('request', (request) => requests.push(request.url()));
  await new AuthPage(tab.page).register(email, PASSWORD);
  await new ListPage(tab.page).addByKeyboard('apple', 'AAPL');
  return { ...tab, requests, list: new ListPage(tab.page), security: new SecurityPage(tab.page) };
}

for (const [name, options] of LOOKS) {
  test(`a row leads to its security, whose chart is drawn over every reach (${name})`, async () => {
    const email = `chart-${name.replaceAll(/\W+/g, '-')}@example.com`;
    const { page, context, complaints, requests, list, security } = await listWithApple(email, options);
    await list.row('AAPL').price.waitFor();
    const charts = () => requests.filter((url) => /lightweight-charts|price-chart|split_pages/.test(url));
    assert.deepEqual(charts(), [], 'the list loads nothing of the chart');

    await list.row('AAPL').element.getByRole('link', { name: 'AAPL' }).click();
    await page.waitForURL('**/securities/AAPL');
    await security.heading(/^AAPL Apple/).waitFor();
    assert.equal(await page.title(), 'AAPL – Watchtape');
    await security.price.waitFor();
    await security.shows('Day');
    assert.ok((await security.colours()) > 2, 'the chart has drawn something');
    assert.equal(charts().length, 3, 'the page, the module and the library');
    for (const reach of REACHES) {
      await security.reach(reach).click();
      await security.shows(reach);
      assert.ok((await security.colours()) > 2, `something is drawn for ${reach}`);
      assert.match(await security.legend.textContent(), /O [\d,.]+.*H [\d,.]+.*L [\d,.]+.*C [\d,.]+/, reach);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, `${reach} fits`);
    }
    await security.chart.and(page.getByRole('img', { name: /^AAPL, One bar for each trading day, Candles/ })).waitFor();
    await page.getByRole('link', { name: /TradingView Lightweight Charts/ }).waitFor();
    await page.getByText('Simulated: nobody ever paid these prices.').waitFor();
    await accessible(page);

    await security.back.click();
    await list.showsRows('AAPL');
    quiet(complaints);
    await context.close();
  });
}

test('the newest bar moves with the price, and the page with the theme', async () => {
  const { page, context, complaints, security } = await listWithApple('live@example.com');
  await security.open('AAPL');
  await security.shows('Day');
  await security.colours();
  const close = () => security.legend.locator('span', { hasText: 'C ' }).textContent();
  const [price, drawn] = [await security.price.textContent(), await close()];
  await page.waitForFunction(([text]) => document.querySelector('.security-price .figure').textContent !== text, [price]);
  await page.waitForFunction(([text]) => !document.querySelector('.chart-legend').textContent.includes(text), [drawn]);
  const text = () =>
    page.evaluate(() => getComputedStyle(document.querySelector('price-chart .chart-legend')).color);
  const light = await text();
  await page.emulateMedia({ colorScheme: 'dark' });
  assert.notEqual(await text(), light);
  assert.ok((await security.colours()) > 2, 'still drawn');
  quiet(complaints);
  await context.close();
});

test('the table is what the API answers, newest first, a page at a time, and the keyboard does it all', async () => {
  const { page, context, complaints, security } = await listWithApple('table@example.com');
  const answers = [];
  page.on('response', async (response) => {
    if (response.url().includes('/bars?')) answers.push({ url: response.url(), body: await response.json() });
  });
  await security.open('AAPL');
  await security.shows('Day');
  await page.keyboard.press('4');
  await security.shows('Year');
  await page.keyboard.press('t');
  await security.table.waitFor();
  assert.match(await security.table.locator('caption').textContent(), /^AAPL: One bar for each trading day, newest first$/);
  const { items } = answers.findLast(({ url }) => url.includes('interval=1d')).body;
  assert.ok(items.length > 200, 'a year of days');
  const expected = items.toReversed().map(({ start, open, high, low, close, volume }) => [
    new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(start)),
    ...[open, high, low, close].map(grouped),
    volume === null ? '–' : grouped(String(volume)),
  ]);
  assert.deepEqual(await security.rows(), expected.slice(0, 50));
  await page.getByRole('button', { name: 'Older' }).click();
  await page.getByText(`51–100 of ${items.length}`).waitFor();
  assert.deepEqual(await security.rows(), expected.slice(50, 100));
  await accessible(page);

  await page.keyboard.press('t');
  await security.chart.waitFor();
  await page.keyboard.press('c');
  await page.getByRole('button', { name: 'Line', pressed: true }).waitFor();
  await security.chart.and(page.getByRole('img', { name: /Line/ })).waitFor();
  await page.reload();
  await security.shows('Year');
  await page.getByRole('button', { name: 'Line', pressed: true }).waitFor();
  quiet(complaints);
  await context.close();
});

test('a security is put on a list and taken from it, and its note and flag are kept', async () => {
  const { page, context, complaints, list, security } = await listWithApple('lists@example.com');
  await list.row('AAPL').element.focus();
  await page.keyboard.press('Enter');
  await security.heading(/^AAPL/).waitFor();
  await security.list('AAPL', 'Watchlist').and(page.locator(':checked')).waitFor();
  await security.note.fill('Earnings on Thursday');
  await page.getByRole('radio', { name: 'Blue' }).check();
  await security.save.click();
  await page.getByText('Saved').waitFor();
  await page.reload();
  await security.note.waitFor();
  assert.equal(await security.note.inputValue(), 'Earnings on Thursday');
  assert.ok(await page.getByRole('radio', { name: 'Blue' }).isChecked());
  await accessible(page);

  await security.open('MSFT');
  const box = security.list('MSFT', 'Watchlist');
  await box.and(page.locator(':enabled')).waitFor();
  assert.ok(!(await box.isChecked()));
  await box.click();
  await security.note.waitFor();
  await security.back.click();
  await list.showsRows('AAPL', 'MSFT');
  await page.goBack();
  await box.and(page.locator(':checked')).waitFor();
  await box.click();
  await page.getByRole('button', { name: 'Undo' }).click();
  await box.and(page.locator(':checked')).waitFor();
  quiet(complaints);
  await context.close();
});

test('a symbol with a dot has a page of its own, and one that there is not is said so', async () => {
  const { page, context, complaints, security } = await listWithApple('unknown@example.com');
  await security.open('BRK.B');
  await security.heading(/^BRK\.B/).waitFor();
  await security.open('NOPE');
  await page.getByRole('heading', { name: 'No such security' }).waitFor();
  await accessible(page);
  quiet(complaints.filter((text) => !text.includes('status of 404')));
  await page.getByRole('link', { name: 'Back to your lists' }).click();
  await new ListPage(page).showsRows('AAPL');
  await context.close();
});

test('where the chart cannot be loaded the prices are there as a table', async () => {
  const { page, context, security } = await listWithApple('blocked@example.com', { serviceWorkers: 'block' });
  await page.route('**/assets/lightweight-charts-*', (route) => route.abort());
  await security.open('AAPL');
  await page.getByRole('heading', { name: 'The chart could not be loaded' }).waitFor();
  await page.getByRole('button', { name: 'Show the table' }).click();
  await security.table.waitFor();
  await context.close();
});

function grouped(digits) {
  const [whole, fraction] = digits.split('.');
  return [whole.replaceAll(/\B(?=(\d{3})+$)/g, ','), fraction].filter(Boolean).join('.');
}
