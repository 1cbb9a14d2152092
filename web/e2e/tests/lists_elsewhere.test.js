// What is done to lists in one browser is seen in every other: the tabs, their names, their order and how much is on each.

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
const NAMES = ['Watchlist', 'Banks', 'Cars', 'Chips', 'Shops'];

async function signIn(email, prepare = () => {}) {
  const opened = await browser.open(server.origin);
  await prepare(opened.page);
  const [list, changes] = [new ListPage(opened.page), new ListChanges(opened.page)];
  await new AuthPage(opened.page).logIn(email, PASSWORD);
  await changes.showsTabs(...NAMES);
  await changes.ready();
  return { ...opened, list, changes };
}

// Somebody with five lists, the first with three symbols.
async function withFive(email) {
  const account = await Account.register(server.origin, email, PASSWORD);
  for (const name of NAMES.slice(1)) await account.post('/watchlists', { name });
  await account.fill('symbol\nAAPL\nMSFT\nNVDA');
  return account;
}

function tabsOf(page) {
  return page.locator('.tab').evaluateAll((tabs) =>
    tabs.map((tab) => `${tab.querySelector('.tab-name').textContent} ${tab.querySelector('.tab-count').textContent}`),
  );
}

test('two browsers with five lists show the same after everything that is done in either, and by a program', async () => {
  const email = 'five@example.com';
  const account = await withFive(email);
  const [one, other] = [await signIn(email), await signIn(email)];
  const both = async (...tabs) => {
    await Promise.all([one, other].map(({ page }) => until(() => tabsOf(page), (shown) => shown.join() === tabs.join())));
    const { items } = await account.get('/watchlists');
    assert.deepEqual(items.map(({ name, item_count: count }) => `${name} ${count}`), tabs);
  };
  await both('Watchlist 3', 'Banks 0', 'Cars 0', 'Chips 0', 'Shops 0');

  await one.changes.newList('Mines');
  await both('Watchlist 3', 'Banks 0', 'Cars 0', 'Chips 0', 'Shops 0', 'Mines 0');
  await other.changes.tab('Banks').press('F2');
  await other.page.getByRole('textbox', { name: 'Name' }).fill('Lenders');
  await other.page.getByRole('textbox', { name: 'Name' }).press('Enter');
  await both('Watchlist 3', 'Lenders 0', 'Cars 0', 'Chips 0', 'Shops 0', 'Mines 0');
  await one.changes.tab('Shops').press('Alt+ArrowLeft');
  await both('Watchlist 3', 'Lenders 0', 'Cars 0', 'Shops 0', 'Chips 0', 'Mines 0');
  await one.changes.undoByKey();
  await both('Watchlist 3', 'Lenders 0', 'Cars 0', 'Chips 0', 'Shops 0', 'Mines 0');

  // One browser has another list open: a count is seen where the list is not.
  await one.list.addByKeyboard('TSLA', 'TSLA');
  await both('Watchlist 3', 'Lenders 0', 'Cars 0', 'Chips 0', 'Shops 0', 'Mines 1');
  await other.changes.row('MSFT').press('Delete');
  await both('Watchlist 2', 'Lenders 0', 'Cars 0', 'Chips 0', 'Shops 0', 'Mines 1');
  await other.changes.undoByKey();
  await both('Watchlist 3', 'Lenders 0', 'Cars 0', 'Chips 0', 'Shops 0', 'Mines 1');
  await other.changes.row('AAPL').press('x');
  await other.changes.bar.getByLabel('Move to…').selectOption({ label: 'Cars' });
  await both('Watchlist 2', 'Lenders 0', 'Cars 1', 'Chips 0', 'Shops 0', 'Mines 1');

  await other.page.getByRole('button', { name: 'List options' }).click();
  await other.page.getByRole('menuitem', { name: 'Duplicate list…' }).click();
  await other.page.getByRole('dialog').getByRole('textbox').press('Enter');
  await both('Watchlist 2', 'Lenders 0', 'Cars 1', 'Chips 0', 'Shops 0', 'Mines 1', 'Watchlist copy 2');
  await one.page.getByRole('button', { name: 'List options' }).click();
  await one.page.getByRole('menuitem', { name: 'Delete list…' }).click();
  await one.page.getByRole('dialog').getByRole('button', { name: 'Delete list' }).click();
  await both('Watchlist 2', 'Lenders 0', 'Cars 1', 'Chips 0', 'Shops 0', 'Watchlist copy 2');
  await one.list.undo.last().click();
  await both('Watchlist 2', 'Lenders 0', 'Cars 1', 'Chips 0', 'Shops 0', 'Mines 1', 'Watchlist copy 2');

  const { items } = await account.get('/watchlists');
  await account.post(`/watchlists/${items[3].id}/items/bulk`, { items: [{ symbol: 'AMD' }, { symbol: 'INTC' }] });
  await account.patch(`/watchlists/${items[3].id}`, { position: 0 });
  await both('Chips 2', 'Watchlist 2', 'Lenders 0', 'Cars 1', 'Shops 0', 'Mines 1', 'Watchlist copy 2');
  // The list that a browser has open is deleted elsewhere.
  await account.delete(`/watchlists/${items.at(-1).id}`);
  await other.changes.says('The list was deleted.');
  await both('Chips 2', 'Watchlist 2', 'Lenders 0', 'Cars 1', 'Shops 0', 'Mines 1');
  for (const { complaints, context } of [one, other]) {
    quiet(complaints);
    await context.close();
  }
});

test('what was done while a browser had no network is there once it has', async () => {
  const email = 'away@example.com';
  const account = await withFive(email);
  const { context, complaints, list, changes } = await signIn(email);
  await context.setOffline(true);
  await list.isLinked('offline');
  const { items } = await account.get('/watchlists');
  await account.delete(`/watchlists/${items[1].id}`);
  await account.patch(`/watchlists/${items[2].id}`, { name: 'Trucks' });
  await context.setOffline(false);
  await changes.showsTabs('Watchlist', 'Trucks', 'Chips', 'Shops');
  quiet(complaints.filter((text) => !text.includes('ERR_INTERNET_DISCONNECTED')));
  await context.close();
});

test('a server that does not know the set of lists is not asked for it, and they are read when the app is back', async () => {
  const email = 'older@example.com';
  const account = await withFive(email);
  const [said, connections] = [[], []];
  let openListIsTold = () => {};
  const { page, context, complaints, list, changes } = await signIn(email, (page) =>
    page.routeWebSocket(/\/stream$/, (socket) => {
      connections.push(socket);
      const upstream = socket.connectToServer();
      socket.onMessage((message) => {
        said.push(JSON.parse(message));
        upstream.send(message);
      });
      upstream.onMessage((message) => {
        const { features, ...rest } = JSON.parse(message);
        socket.send(features ? JSON.stringify(rest) : message);
        if (rest.type === 'watchlist') openListIsTold();
      });
    }),
  );
  await list.isLinked('connected');
  await account.post('/watchlists', { name: 'Later' });
  await account.patch(`/watchlists/${page.url().split('/').pop()}`, { name: 'Renamed' });
  // The open list is told, with a change, while the lists are being read.
  const told = new Promise((resolve) => (openListIsTold = resolve));
  await page.route(/\/watchlists$/, async (route) => {
    const response = await route.fetch();
    await told;
    await page.getByRole('heading', { name: 'Renamed' }).waitFor();
    await route.fulfill({ response });
  });
  await connections.at(-1).close({ code: 1012, reason: 'the server restarts' });
  await changes.showsTabs('Renamed', ...NAMES.slice(1), 'Later');
  assert.equal(connections.length, 2);
  assert.ok(said.some(({ op, watchlist }) => op === 'watch' && watchlist));
  assert.deepEqual(said.filter(({ watchlists }) => watchlists), []);
  quiet(complaints);
  await context.close();
});
