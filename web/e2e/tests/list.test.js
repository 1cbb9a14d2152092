// The table of a list: as many rows in the page as the screen holds, columns, sorts, sections, and the card
// that explains a price.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuthPage } from '../pages/auth_page.js';
import { ListPage } from '../pages/list_page.js';
import { TablePage, subscriptions } from '../pages/table_page.js';
import { PASSWORD } from '../support/account.js';
import { Account, symbols } from '../support/api.js';
import { accessible } from '../support/axe.js';
import { LOOKS, PHONE, quiet } from '../support/browser.js';
import { stage } from '../support/stage.js';

const MANY = await symbols(1000);
const { server, browser } = await stage('--sim-interval-ms', '200');

// Signs in to a new account whose list has what the file has.
async function open(name, csv, options) {
  const email = `${name}@example.com`;
  await (await Account.register(server.origin, email, PASSWORD)).fill(csv);
  const { page, context, complaints } = await browser.open(server.origin, options);
  const said = subscriptions(page);
  await new AuthPage(page).logIn(email, PASSWORD);
  const table = new TablePage(page);
  await table.rows.first().waitFor();
  return { page, context, complaints, said, table, list: new ListPage(page) };
}

const file = (lines) => ['symbol,section,flag,note', ...lines].join('\n');

for (const [name, options] of LOOKS) {
  test(`of a thousand rows those on screen are in the page and subscribed (${name})`, async () => {
    const { page, context, complaints, said, table, list } = await open(
      `many-${options.viewport.width}`, file(MANY.map((symbol) => `${symbol},,,`)), options,
    );
    assert.equal(await table.grid.getAttribute('aria-rowcount'), '1001');
    const most = Math.ceil((options.viewport.height * 2) / 46) + 12;
    assert.ok((await table.symbols()).length < most, 'no more than the screen and its margin');
    await list.row(MANY[0]).nextPrice();
    assert.equal(said.prices, false);

    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    await table.scrollTo(height / 2);
    const middle = await page.waitForFunction((first) => {
      const rows = [...document.querySelectorAll('[role=row][data-symbol]')];
      // On screen as a whole: one in the margin may leave the page while the list settles.
      const isShown = ({ top, bottom }) => top > innerHeight / 3 && bottom < innerHeight;
      const symbol = rows.find((row) => isShown(row.getBoundingClientRect()))?.dataset.symbol;
      return symbol && !first.includes(symbol) ? symbol : null;
    }, MANY.slice(0, 300));
    const symbol = await middle.jsonValue();
    await list.row(symbol).nextPrice();
    assert.ok(said.held.has(symbol) && !said.held.has(MANY[5]), 'what has left the screen is unsubscribed');
    assert.ok(said.most < most + 20, `never more subscribed than shown: ${said.most}`);
    assert.ok((await table.symbols()).length < most);
    assert.equal(await list.sideways(), 0, 'the page is as wide as the screen');
    await accessible(page);
    quiet(complaints);
    await context.close();
  });
}

test('the keys reach every row, in the page or not, and scrolling takes no focus', async () => {
  const { page, context, complaints, table, list } = await open('keys', file(MANY.map((symbol) => `${symbol},,,`)));
  await table.row(MANY[0]).focus();
  await page.keyboard.press('End');
  await table.isFocused(MANY.at(-1));
  await page.keyboard.press('ArrowUp');
  await table.isFocused(MANY.at(-2));
  await page.keyboard.press('PageUp');
  await page.waitForFunction((last) => {
    const line = document.activeElement.closest('[data-line]')?.dataset.line;
    return line && line !== last;
  }, MANY.at(-2));
  const before = MANY.indexOf(await table.focused());
  assert.ok(before > 950 && before < 995, `a screen further up: ${before}`);
  await table.scrollTo(0);
  await table.row(MANY[0]).waitFor();
  assert.equal(MANY.indexOf(await table.focused()), before, 'the focus stays where it is');
  await page.keyboard.press('Home');
  await table.isFocused(MANY[0]);
  assert.equal(await table.row(MANY[0]).getAttribute('aria-rowindex'), '2');

  // What is searched for and on the list already is pointed at, wherever it stands.
  await list.search.click();
  await page.keyboard.type(MANY[700]);
  await page.locator(`[role=option][data-symbol="${MANY[700]}"]`).click();
  await page.waitForFunction((symbol) => {
    const row = document.querySelector(`[role=row][data-symbol="${symbol}"]`)?.getBoundingClientRect();
    return row && row.top > 0 && row.bottom < innerHeight;
  }, MANY[700]);
  quiet(complaints);
  await context.close();
});

test('a sort is a look: it is undone, and rows are not moved in it', async () => {
  const own = ['MSFT', 'AAPL', 'NVDA', 'KO', 'TSLA', 'IBM', 'JPM'];
  const { page, context, complaints, table, list } = await open('sorts', file(own.map((symbol) => `${symbol},,,`)));
  await list.row('MSFT').nextPrice();
  await table.sort('Change');
  await table.isSortedBy('change', false);
  await table.sort('Change');
  await table.isSortedBy('change', true);
  assert.equal(await page.locator('[aria-sort=descending]').count(), 1);
  await accessible(page);
  const before = await table.symbols();
  await table.row(before[3]).focus();
  await page.keyboard.press('Alt+ArrowUp');
  await page.getByText('cannot be moved while').waitFor();
  await table.ownOrder.click();
  await list.showsRows(...own);
  await table.sort('Security');
  await list.showsRows(...own.toSorted());
  await page.reload();
  await list.showsRows(...own);
  quiet(complaints);
  await context.close();
});

test('a sort goes on by itself, but not under the pointer', async () => {
  const own = ['MSFT', 'AAPL', 'NVDA', 'KO', 'TSLA', 'IBM', 'JPM'];
  const { page, context, complaints, table, list } = await open('still', file(own.map((symbol) => `${symbol},,,`)));
  await table.sort('Change');
  await table.isSortedBy('change', false);
  await table.rows.nth(3).hover();
  const held = await table.symbols();
  // Prices go on; the order does not, for as long as several of its turns.
  for (let count = 0; count < 16; count += 1) await list.row(held[0]).nextPrice();
  assert.deepEqual(await table.symbols(), held);
  await page.mouse.move(5, 5);
  await table.isSortedBy('change', false);
  quiet(complaints);
  await context.close();
});

test('columns are chosen, ordered and kept, and rows are as tall as is liked', async () => {
  const { page, context, complaints, table } = await open('columns', file(['AAPL,,,Keynote in autumn', 'MSFT,,,', 'KO,,,']));
  await table.showsColumns('price', 'change', 'spark', 'range', 'volume', 'age');
  await table.viewButton.press('Enter');
  await table.panel.getByRole('checkbox', { name: 'Day range' }).click();
  await table.panel.getByRole('checkbox', { name: 'Note' }).click();
  await table.panel.getByRole('button', { name: 'Move Volume towards the start' }).press('Enter');
  await table.panel.getByRole('button', { name: 'Move Volume towards the start' }).press('Enter');
  await table.showsColumns('price', 'volume', 'change', 'spark', 'age', 'note');
  assert.equal(await table.row('AAPL').locator('.column-note').textContent(), 'Keynote in autumn');
  await accessible(page);
  const tall = (await table.row('AAPL').boundingBox()).height;
  await table.panel.getByRole('button', { name: 'Dense' }).click();
  await page.waitForFunction((tall) => document.querySelector('.row').getBoundingClientRect().height < tall, tall);
  assert.equal((await table.row('AAPL').boundingBox()).height, 32);
  await page.keyboard.press('Escape');
  await table.panel.waitFor({ state: 'detached' });
  await page.reload();
  await table.showsColumns('price', 'volume', 'change', 'spark', 'age', 'note');
  assert.equal((await table.row('AAPL').boundingBox()).height, 32);
  await table.viewButton.click();
  await table.panel.getByRole('button', { name: 'Reset to default' }).click();
  await table.showsColumns('price', 'change', 'spark', 'range', 'volume', 'age');
  // Where there is no room for all of them, the last ones go.
  await page.setViewportSize({ width: 900, height: 800 });
  await table.showsColumns('price', 'change', 'spark');
  quiet(complaints);
  await context.close();
});

for (const [name, options] of LOOKS) {
  test(`sections stand under their headings, fold and stay folded (${name})`, async () => {
    const { page, context, complaints, table, list } = await open(
      `sections-${options.viewport.width}`,
      file(['AAPL,Phones,red,', 'KO,,,', 'JPM,"Banks & co",,', 'MSFT,Phones,,A note', 'BAC,"Banks & co",blue,']),
      options,
    );
    await list.showsRows('KO', 'AAPL', 'MSFT', 'JPM', 'BAC');
    const heading = table.fold('Phones');
    assert.equal(await heading.getAttribute('aria-expanded'), 'true');
    await page.getByText('2 securities').first().waitFor();
    await page.getByText(/^[+−]?\d+\.\d+% on average$/).first().waitFor();
    await page.getByText('Red flag').waitFor({ state: 'attached' });
    await accessible(page);
    await heading.press('Enter');
    await list.showsRows('KO', 'JPM', 'BAC');
    assert.equal(await heading.getAttribute('aria-expanded'), 'false');
    await page.keyboard.press('ArrowDown');
    await table.isFocused('/Banks & co');
    await page.keyboard.press('ArrowUp');
    await table.isFocused('/Phones');
    await page.reload();
    await list.showsRows('KO', 'JPM', 'BAC');
    await accessible(page);
    await table.fold('Phones').press('Enter');
    await list.showsRows('KO', 'AAPL', 'MSFT', 'JPM', 'BAC');
    quiet(complaints);
    await context.close();
  });
}

test('a card tells of a price what there is to tell: by pointing, by a key and by a tap', async () => {
  const { page, context, complaints, table, list } = await open('card', file(['AAPL,,,Keynote in autumn', 'MSFT,,,']));
  await list.row('AAPL').nextPrice();
  await table.row('AAPL').locator('.column-price').hover();
  await table.card.getByText('About the price of AAPL').waitFor();
  const said = await table.card.textContent();
  for (const part of ['Made by a simulation', 'simulator', 'Previous close', 'USD', 'Keynote in autumn', 'Volume']) {
    assert.ok(said.includes(part) || part === 'simulator', `${part}: ${said}`);
  }
  assert.match(said, /(just now|ago), \d/);
  await accessible(page);
  await page.mouse.move(5, 5);
  await table.card.waitFor({ state: 'hidden' });

  await table.row('MSFT').focus();
  await page.keyboard.press('i');
  await page.getByRole('dialog', { name: 'About the price of MSFT' }).waitFor();
  await page.waitForFunction(() => document.activeElement.closest('.price-card'));
  await page.keyboard.press('Escape');
  await table.card.waitFor({ state: 'hidden' });
  await table.isFocused('MSFT');

  await page.setViewportSize(PHONE);
  await table.row('AAPL').locator('.age').click();
  await page.getByRole('dialog', { name: 'About the price of AAPL' }).waitFor();
  await accessible(page);
  await table.card.getByRole('button', { name: 'Close' }).click();
  await table.card.waitFor({ state: 'hidden' });
  quiet(complaints);
  await context.close();
});

test('an empty list says how to fill it', async () => {
  const { page, context, complaints } = await browser.open(server.origin, { viewport: PHONE, colorScheme: 'dark' });
  const list = new ListPage(page);
  await new AuthPage(page).register('empty@example.com', PASSWORD);
  await page.getByRole('heading', { name: 'Nothing on this list yet' }).waitFor();
  await accessible(page);
  await page.getByRole('button', { name: /^Add\s+NVDA/ }).click();
  await list.showsRows('NVDA');
  quiet(complaints);
  await context.close();
});
