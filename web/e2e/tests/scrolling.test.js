// A list stays where it is scrolled to, whatever is done to it, and is there again when somebody comes back to it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuthPage } from '../pages/auth_page.js';
import { ListChanges, until } from '../pages/list_changes.js';
import { ListPage } from '../pages/list_page.js';
import { PASSWORD } from '../support/account.js';
import { Account, symbols } from '../support/api.js';
import { LOOKS, quiet } from '../support/browser.js';
import { stage } from '../support/stage.js';

const { server, browser } = await stage('--sim-interval-ms', '500');
const ROWS = await symbols(200);
const [STILL, , LIFTED, FLAGGED, NOTED, REMOVED, OTHERS] = ROWS.slice(118, 125);

// Somebody whose list of 200 is scrolled to its row 120, and where the page stands then.
async function begin(name, options) {
  const email = `${name.replaceAll(/\W+/g, '-')}@example.com`;
  const account = await Account.register(server.origin, email, PASSWORD);
  const id = await account.fill(['symbol', ...ROWS].join('\n'));
  const opened = await browser.open(server.origin, options);
  const { page } = opened;
  const [list, changes] = [new ListPage(page), new ListChanges(page)];
  await new AuthPage(page).logIn(email, PASSWORD);
  await list.row(ROWS[0]).element.waitFor();
  await changes.ready();
  const position = await page.evaluate(() => {
    const rows = document.querySelector('.rows');
    const height = rows.querySelector('[role=row]').offsetHeight;
    scrollTo(0, Math.round(rows.getBoundingClientRect().top + scrollY + 120 * height - innerHeight / 2));
    return scrollY;
  });
  assert.ok(position > 3000, `scrolled to ${position}`);
  await list.row(LIFTED).element.waitFor();
  return { ...opened, account, id, list, changes, position };
}

// How far from the top of the screen a row is to which nothing is done: after two frames, with what the page does itself within
// the second one.
function placeOf(page, symbol) {
  return page.evaluate(
    (symbol) =>
      new Promise((resolve) => {
        const place = () => document.querySelector(`[role=row][data-symbol="${symbol}"]`)?.getBoundingClientRect().top;
        requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => resolve(place() ?? 'not in the page'))));
      }),
    symbol,
  );
}

function lands(page, position) {
  return page.waitForFunction((wanted) => Math.abs(scrollY - wanted) < 2, position);
}

for (const [name, options] of LOOKS) {
  test(`whatever is done to a list of 200, here and elsewhere, it stays where it is (${name})`, async () => {
    const { page, context, complaints, account, id, list, changes } = await begin(`stays ${name}`, options);
    const place = await placeOf(page, STILL);
    const stays = async (what) => assert.equal(await placeOf(page, STILL), place, what);
    const held = async () => (await account.get(`/watchlists/${id}`)).items;
    const flagged = (symbol, flag) => until(held, (items) => items.find((item) => item.symbol === symbol)?.flag === flag);

    await changes.row(FLAGGED).press('2');
    await flagged(FLAGGED, 'orange');
    await stays('a flag');
    await changes.row(LIFTED).press('Alt+ArrowDown');
    await until(held, (items) => items[121].symbol === LIFTED);
    await stays('a move');
    await changes.edit(NOTED);
    await changes.note.fill('Earnings in January');
    await changes.save();
    await until(held, (items) => items.some(({ note }) => note));
    await stays('a note');
    await changes.row(REMOVED).press('Delete');
    await until(held, (items) => items.length === 199);
    await page.locator('.tab-count', { hasText: '199' }).waitFor();
    await stays('a removal');
    await changes.undoByKey();
    await list.row(REMOVED).element.waitFor();
    await until(held, (items) => items.length === 200);
    await stays('an undo');

    await account.patch(`/watchlists/${id}/items/${OTHERS}`, { flag: 'blue' });
    await page.locator(`[data-symbol="${OTHERS}"][data-flag=blue]`).waitFor();
    await stays('a flag of another device');
    for (const [at, count] of [[190, 199], [5, 198]]) {
      await account.delete(`/watchlists/${id}/items/${ROWS[at]}`);
      await page.locator('.tab-count', { hasText: String(count) }).waitFor();
      await stays(`a removal of row ${at} on another device`);
    }
    await account.post(`/watchlists/${id}/items`, { symbol: ROWS[5], position: 0 });
    await page.locator('.tab-count', { hasText: '199' }).waitFor();
    await stays('an addition at the top on another device');
    await account.post('/watchlists', { name: 'Made elsewhere' });
    await changes.showsTabs('Watchlist', 'Made elsewhere');
    await stays('a list of another device');
    quiet(complaints);
    await context.close();
  });

  test(`by Back, Forward, a link, another tab and a reload a list is where it was (${name})`, async () => {
    const { page, context, complaints, account, list, changes, position } = await begin(`back ${name}`, options);
    const open = async () => {
      await changes.row(LIFTED).locator('a.symbol').click();
      await page.waitForURL('**/securities/*');
      await page.getByRole('heading', { level: 1, name: LIFTED }).waitFor();
      assert.equal(await page.evaluate(() => scrollY), 0, 'a security begins at its top');
    };
    await open();
    await page.goBack();
    await lands(page, position);
    await list.row(LIFTED).element.waitFor();
    await page.goForward();
    await page.getByRole('heading', { level: 1, name: LIFTED }).waitFor();
    await lands(page, 0);
    await page.goBack();
    await lands(page, position);

    await open();
    await page.getByRole('link', { name: /^Back to/ }).click();
    await lands(page, position);
    await open();
    await page.getByRole('link', { name: /Watchtape/ }).first().click();
    await lands(page, position);

    await account.post('/watchlists', { name: 'Empty' });
    await page.evaluate(() => scrollTo(0, 0));
    await changes.tab('Empty').waitFor();
    await page.evaluate((wanted) => scrollTo(0, wanted), position);
    await changes.tab('Empty').evaluate((tab) => tab.click());
    await page.locator('.tab[aria-current=page]', { hasText: 'Empty' }).waitFor();
    await changes.tab('Watchlist').click();
    await lands(page, position);
    await page.reload();
    await lands(page, position);
    await list.row(LIFTED).element.waitFor();
    quiet(complaints);
    await context.close();
  });
}
