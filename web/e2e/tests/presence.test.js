// Prices that live and say when they do not: their flash, the tab's title and icon, a hidden tab's rest, a lost
// connection, and what the page says when the app itself cannot go on.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AuthPage } from '../pages/auth_page.js';
import { ListPage } from '../pages/list_page.js';
import { PresencePage } from '../pages/presence_page.js';
import { accessible } from '../support/axe.js';
import { Browser, DESKTOP, PHONE, quiet } from '../support/browser.js';
import { Server } from '../support/server.js';

const PASSWORD = 'correct horse battery';
const LOOKS = [
  ['desktop, light', { viewport: DESKTOP, colorScheme: 'light' }],
  ['phone, dark', { viewport: PHONE, colorScheme: 'dark' }],
];
let server;
let browser;

before(async () => {
  [server, browser] = await Promise.all([Server.start('--sim-interval-ms', '100'), Browser.launch()]);
});

after(async () => {
  await Promise.all([browser?.close(), server?.stop()]);
});

// Somebody with a list of these securities; `script` runs in the page before anything of its own.
async function watching(who, symbols, { origin = server.origin, prepare = () => {}, ...options } = {}) {
  const tab = await browser.open(origin, options);
  await prepare(tab.page);
  const list = new ListPage(tab.page);
  await new AuthPage(tab.page).register(`${who.replaceAll(/\W+/g, '-')}@example.com`, PASSWORD);
  for (const [query, symbol] of symbols) await list.addByKeyboard(query, symbol);
  await list.row(symbols.at(-1)[1]).nextPrice();
  return { ...tab, list, presence: new PresencePage(tab.page) };
}

test('a price that moves flashes shortly and has an arrow', async () => {
  const { page, context, complaints, presence } = await watching('flash', [['apple', 'AAPL']]);
  const flashes = await presence.flashes('AAPL', 4);
  for (const { animationName, milliseconds, arrow } of flashes) {
    assert.match(animationName, /^(up|down)-[ab]$/);
    assert.ok(milliseconds <= 600, `${milliseconds} ms`);
    assert.equal(arrow, animationName.startsWith('up') ? '▲' : '▼', 'the sign says what the colour says');
  }
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const still = await presence.flashes('AAPL', 2);
  assert.deepEqual(still.map(({ animationName }) => animationName), ['none', 'none']);
  assert.ok(still.every(({ arrow }) => '▲▼'.includes(arrow)), 'the sign stays');
  quiet(complaints);
  await context.close();
});

test('in calm mode prices change every three seconds, and nothing flashes', async () => {
  const { context, complaints, presence, list } = await watching('calm', [['apple', 'AAPL']]);
  await presence.prefers('motion', 'calm');
  await list.row('AAPL').nextPrice();
  const moments = await presence.changes('AAPL', 3);
  const pauses = moments.slice(1).map((moment, at) => moment - moments[at]);
  assert.ok(pauses.every((pause) => pause > 2_800), `${pauses}`);
  const [flash] = await presence.flashes('AAPL', 1);
  assert.equal(flash.animationName, 'none');
  quiet(complaints);
  await context.close();
});

test('the tab tells how the list fares, unless it is not to or the mode is calm', async () => {
  const symbols = [['apple', 'AAPL'], ['tesla', 'TSLA'], ['nvidia', 'NVDA']];
  const { page, context, complaints, presence, list } = await watching('mood', symbols);
  await presence.isTitled(/^▲ \d ▼ \d · .+ – Watchtape$/);
  await page.waitForFunction(() => {
    const count = (way) => document.querySelectorAll(`[role=row] .change.${way}`).length;
    return document.title.startsWith(`▲ ${count('up')} ▼ ${count('down')} · `);
  });
  const [up, down] = (await page.title()).match(/\d/g).map(Number);
  assert.equal(up + down <= 3 && up + down > 0, true);
  const drawn = (await presence.icon.getAttribute('href')).startsWith('data:image/svg+xml,');
  assert.equal(drawn, up !== down, 'the icon goes with the many');
  for (const [name, choice] of [['mood', 'off'], ['motion', 'calm']]) {
    await presence.prefers(name, choice);
    await list.row('AAPL').nextPrice();
    assert.doesNotMatch(await page.title(), /▲/);
    assert.equal(await presence.icon.getAttribute('href'), '/favicon.svg');
    await page.evaluate(() => localStorage.clear());
  }
  await presence.prefers('mood', 'on');
  await presence.isTitled(/^▲/);
  await page.goto('/nothing/here');
  await presence.isTitled(/^Page not found/);
  quiet(complaints);
  await context.close();
});

test('a hidden tab rests after half a minute, and catches up within a second without a flash', async () => {
  const prepare = (page) => page.clock.install();
  const { page, context, complaints, presence, list } = await watching('hidden', [['apple', 'AAPL']], { prepare });
  const closed = new Promise((resolve) => page.on('websocket', (socket) => socket.on('close', resolve)));
  await page.reload();
  await list.row('AAPL').nextPrice();

  await presence.isSeen(false);
  await page.clock.fastForward(20_000);
  await presence.isSeen(true);
  await list.row('AAPL').nextPrice();
  await presence.isSeen(false);
  await page.clock.fastForward(31_000);
  await closed;
  const before = await list.row('AAPL').price.textContent();

  const opened = page.waitForEvent('websocket');
  const returned = await page.evaluate(() => {
    window.flashed = [];
    const price = document.querySelector('[role=row][data-symbol=AAPL] .column-price > *');
    window.firstChange = new Promise((resolve) => {
      new MutationObserver((_, observer) => {
        observer.disconnect();
        resolve({ at: Date.now(), animation: getComputedStyle(price).animationName });
      }).observe(price, { characterData: true, childList: true, subtree: true });
    });
    return Date.now();
  });
  await presence.isSeen(true);
  await opened;
  const first = await page.evaluate(() => window.firstChange);
  assert.ok(first.at - returned < 1_000, `${first.at - returned} ms`);
  assert.equal(first.animation, 'none', 'what happened meanwhile is no move of now');
  assert.notEqual(await list.row('AAPL').price.textContent(), before);
  await list.isLinked('connected');
  quiet(complaints);
  await context.close();
});

for (const [look, options] of LOOKS) {
  test(`without a network the page says so, since when, and what waits (${look})`, async () => {
    const symbols = [['apple', 'AAPL'], ['tesla', 'TSLA']];
    const { page, context, presence, list } = await watching(`offline ${look}`, symbols, options);
    await list.isLinked('connected');
    const price = list.row('AAPL').price;
    await context.setOffline(true);
    await presence.banner.waitFor();
    assert.match(await presence.status.textContent(), /^You are offline\./);
    assert.match(await presence.banner.textContent(), /Prices are from \d\d:\d\d, (just now|\d+ seconds? ago)\./);
    await presence.isTitled(/^Stopped · /);
    assert.match(await presence.icon.getAttribute('href'), /^data:/);
    assert.match(await price.textContent(), /\d/, 'the last value stays');
    await list.row('TSLA').element.press('Delete');
    await presence.status.getByText('1 change waits.').waitFor();
    await accessible(page);
    assert.equal(await list.sideways(), 0, 'the page is as wide as the screen');

    await context.setOffline(false);
    await presence.isGone();
    await list.isLinked('connected');
    await list.showsRows('AAPL');
    await list.row('AAPL').nextPrice();
    await presence.isTitled(/^▲/);
    await page.reload();
    await list.showsRows('AAPL');
    await context.close();
  });

  test(`a server that is away is said in other words, and tried again (${look})`, async (t) => {
    const own = await Server.start('--sim-interval-ms', '200');
    t.after(() => own.stop());
    const { page, context, presence, list } = await watching('away', [['apple', 'AAPL']], { origin: own.origin, ...options });
    await own.kill();
    await presence.banner.waitFor();
    assert.match(await presence.status.textContent(), /^The server cannot be reached\./);
    await presence.banner.getByText(/^Trying again in \d+ s$/).waitFor();
    await accessible(page);
    await own.restart();
    await presence.tryNow.click();
    await presence.isGone();
    await list.isLinked('connected');
    await list.row('AAPL').nextPrice();
    await context.close();
  });
}

test('an app that cannot be loaded says so, and offers to load it again', async () => {
  const { page, context } = await browser.open(server.origin);
  await page.route(/\.wasm$/, (route) => route.abort());
  await page.goto('/login');
  const notice = page.getByRole('alert').filter({ hasText: 'could not be loaded' });
  await notice.waitFor();
  await page.unroute(/\.wasm$/);
  await notice.getByRole('link', { name: 'Load the page again' }).click();
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  assert.equal(await notice.isVisible(), false);
  await context.close();
});

test('an app that breaks says that its prices have stopped', async () => {
  const { page, context } = await watching('crash', [['apple', 'AAPL']]);
  await page.evaluate(() => {
    Node.prototype.cloneNode = () => {
      throw new Error('broken by the test');
    };
    history.pushState(null, '', '/nothing/here');
    dispatchEvent(new PopStateEvent('popstate'));
  });
  const notice = page.getByRole('alert').filter({ hasText: 'its prices have stopped' });
  await notice.waitFor();
  await notice.getByRole('link', { name: 'Load the page again' }).click();
  await page.getByRole('heading', { name: 'This page does not exist' }).waitFor();
  await accessible(page);
  await context.close();
});
