// What fails can be tried again, and takes effect once: undoing, and all that creates something.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuthPage } from '../pages/auth_page.js';
import { ListChanges, until } from '../pages/list_changes.js';
import { ListPage } from '../pages/list_page.js';
import { PASSWORD } from '../support/account.js';
import { Account } from '../support/api.js';
import { quiet } from '../support/browser.js';
import { stage } from '../support/stage.js';

const { server, browser } = await stage('--sim-interval-ms', '500');

async function begin(email, ...lists) {
  const account = await Account.register(server.origin, email, PASSWORD);
  for (const name of lists) await account.post('/watchlists', { name });
  const id = await account.fill('symbol,note\nAAPL,Fruit\nMSFT,');
  const opened = await browser.open(server.origin);
  const [list, changes] = [new ListPage(opened.page), new ListChanges(opened.page)];
  await new AuthPage(opened.page).logIn(email, PASSWORD);
  await list.showsRows('AAPL', 'MSFT');
  await changes.ready();
  const held = async () => (await account.get(`/watchlists/${id}`)).items;
  return { ...opened, account, id, list, changes, held };
}

// The requests of a kind that the page makes. The first is carried out, and its answer lost; `lose` says how.
async function loseTheFirst(page, path, lose) {
  const keys = [];
  await page.route(path, async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    keys.push(route.request().headers()['idempotency-key']);
    if (keys.length > 1) return route.continue();
    const answer = await route.fetch();
    assert.ok(answer.ok(), `${answer.status()}`);
    return lose(route);
  });
  return keys;
}

for (const way of ['undo by key', 'the message']) {
  test(`a deleted list that could not be restored can be restored later, by ${way}`, async () => {
    const { page, context, complaints, account, list, changes } = await begin(`${way.replaceAll(' ', '-')}@example.com`, 'Other');
    await page.getByRole('button', { name: 'List options' }).click();
    await page.getByRole('menuitem', { name: 'Delete list…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete list' }).click();
    await changes.showsTabs('Other');
    // The list is made, and what was on it is not brought there.
    await page.route('**/import*', (route) => route.fulfill({ status: 503, body: 'busy' }));
    await list.undo.last().click();
    await changes.says(/This could not be undone/);
    await page.unroute('**/import*');
    if (way === 'undo by key') await changes.undoByKey();
    else await changes.toasts.getByRole('button', { name: 'Try again' }).click();
    await changes.says('Undone: “Watchlist” deleted.');
    await changes.showsTabs('Watchlist', 'Other');
    const { items: lists } = await account.get('/watchlists');
    assert.deepEqual(lists.map(({ name, item_count: count }) => [name, count]), [['Watchlist', 2], ['Other', 0]]);
    const { items } = await account.get(`/watchlists/${lists[0].id}`);
    assert.deepEqual(items.map(({ symbol, note }) => [symbol, note]), [['AAPL', 'Fruit'], ['MSFT', null]]);
    quiet(complaints.filter((text) => !text.includes('503')));
    await context.close();
  });
}

test('a copy to another list is undone and done again by key, where it was made', async () => {
  const { context, complaints, account, changes, held } = await begin('copy@example.com', 'Other');
  const { items: lists } = await account.get('/watchlists');
  const other = lists.find(({ name }) => name === 'Other').id;
  const there = async () => (await account.get(`/watchlists/${other}`)).items.map(({ symbol }) => symbol);
  await changes.row('AAPL').press('x');
  await changes.bar.getByLabel('Copy to…').selectOption({ label: 'Other' });
  await changes.says('AAPL copied to “Other”.');
  await until(there, (symbols) => symbols.join() === 'AAPL');
  await changes.undoByKey();
  await until(there, (symbols) => symbols.length === 0);
  await changes.redoByKey();
  await until(there, (symbols) => symbols.join() === 'AAPL');
  await changes.undoByKey();
  await until(there, (symbols) => symbols.length === 0);
  assert.equal((await held()).length, 2);
  quiet(complaints);
  await context.close();
});

// An answer that never comes: the page gives up on it when its own deadline has passed, which is brought forward here.
const LOSSES = [
  ['the connection breaks', (route) => route.abort('connectionreset')],
  ['no answer comes in time', (route) => route.request().frame().page().evaluate(() => document.dispatchEvent(new Event('deadline')))],
];

for (const [name, lose] of LOSSES) {
  test(`what was created is not told as a failure where ${name}, and is created once`, async () => {
    const email = `${name.replaceAll(' ', '-')}@example.com`;
    const { page, context, complaints, account, changes, list, held } = await begin(email);
    await page.evaluate(() => {
      const timeout = AbortSignal.timeout.bind(AbortSignal);
      AbortSignal.timeout = (ms) => {
        const passed = new AbortController();
        document.addEventListener('deadline', () => passed.abort(new DOMException('', 'TimeoutError')), { once: true });
        return AbortSignal.any([timeout(ms), passed.signal]);
      };
    });
    const once = (keys) => {
      assert.ok(keys.length > 1 && keys[0], `${keys}`);
      assert.equal(new Set(keys).size, 1, `${keys}`);
    };

    const added = await loseTheFirst(page, '**/items', lose);
    await list.addByKeyboard('NVDA', 'NVDA');
    await changes.says('NVDA added.');
    await until(held, (items) => items.length === 3);
    await until(() => added, (keys) => keys.length > 1);
    once(added);

    const made = await loseTheFirst(page, '**/api/v1/watchlists', lose);
    await changes.newList('Chips');
    once(made);
    assert.deepEqual((await account.get('/watchlists')).items.map(({ name }) => name), ['Watchlist', 'Chips']);

    await changes.tab('Watchlist').click();
    await list.showsRows('AAPL', 'MSFT', 'NVDA');
    const copied = await loseTheFirst(page, '**/items/bulk', lose);
    await changes.ready();
    await changes.row('AAPL').press('x');
    await changes.bar.getByLabel('Copy to…').selectOption({ label: 'Chips' });
    await changes.says('AAPL copied to “Chips”.');
    once(copied);

    assert.equal(await changes.toasts.getByText(/could not be|Nothing was/).count(), 0);
    quiet(complaints.filter((text) => !text.includes('ERR_CONNECTION_RESET')));
    await context.close();
  });
}
