// Prices that live and say when they do not: their flash, the tab's title and icon, a hidden tab's rest, a lost
// connection, and what the page says when the app itself cannot go on.

import assert from 'node:assert/strict';
import { EventEmitter, on, once } from 'node:events';
import { test } from 'node:test';
import { AuthPage } from '../pages/auth_page.js';
import { ListPage } from '../pages/list_page.js';
import { PresencePage } from '../pages/presence_page.js';
import { PASSWORD } from '../support/account.js';
import { accessible } from '../support/axe.js';
import { LOOKS, quiet } from '../support/browser.js';
import { Server } from '../support/server.js';
import { stage } from '../support/stage.js';

const { server, browser } = await stage('--sim-interval-ms', '100');

// Somebody with a list of these securities.
async function watching(who, symbols, { origin = server.origin, ...options } = {}) {
  const tab = await browser.open(origin, options);
  const list = new ListPage(tab.page);
  await new AuthPage(tab.page).register(`${who.replaceAll(/\W+/g, '-')}@example.com`, PASSWORD);
  for (const [query, symbol] of symbols) await list.addByKeyboard(query, symbol);
  await list.row(symbols.at(-1)[1]).nextPrice();
  return { ...tab, list, presence: new PresencePage(tab.page) };
}

// The messages of the sockets that the page opens from now on, as they arrive.
function framesOf(page) {
  const arrived = new EventEmitter();
  page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => arrived.emit('frame', String(payload))));
  return arrived;
}

test('a price that moves flashes shortly and has an arrow', async () => {
  const { page, context, complaints, presence } = await watching('flash', [['apple', 'AAPL']]);
  const flashes = await presence.flashes('AAPL', 4);
  for (const { animationName, milliseconds, arrow } of flashes) {
    assert.match(animationName, /^price-figure-(up|down)-[ab]$/);
    assert.ok(milliseconds <= 600, `${milliseconds} ms`);
    assert.equal(arrow, animationName.includes('-up-') ? '▲' : '▼', 'the sign says what the colour says');
  }
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const still = await presence.flashes('AAPL', 2);
  assert.deepEqual(still.map(({ animationName }) => animationName), ['none', 'none']);
  assert.ok(still.every(({ arrow }) => '▲▼'.includes(arrow)), 'the sign stays');
  quiet(complaints);
  await context.close();
});

test('in calm mode prices change every three seconds of the page, however many arrive, and nothing flashes', async () => {
  const { page, context, complaints, presence, list } = await watching('calm', [['apple', 'AAPL']], { timed: true });
  const frames = framesOf(page);
  await presence.prefers('motion', 'calm');
  await list.row('AAPL').nextPrice();
  await presence.holdsTime();
  const changes = await presence.notesChanges('AAPL');
  // A second goes by when prices have arrived in it.
  while ((await changes()).length < 3) {
    await once(frames, 'frame');
    await page.clock.runFor(1_000);
  }
  const seen = await changes();
  const pauses = seen.slice(1).map(({ at }, turn) => at - seen[turn].at);
  assert.ok(pauses.every((pause) => pause >= 3_000), `${pauses}`);
  assert.deepEqual(seen.map(({ animation }) => animation), seen.map(() => 'none'));
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
  const { page, context, complaints, presence, list } = await watching('hidden', [['apple', 'AAPL']], { timed: true });
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

  // The page's time stands still until the new prices are there, and then goes on for that second and no longer.
  await presence.holdsTime();
  const changes = await presence.notesChanges('AAPL');
  const frames = on(framesOf(page), 'frame');
  await presence.isSeen(true);
  for await (const [frame] of frames) if (frame.includes('"snapshot"')) break;
  await page.clock.runFor(1_000);
  const [first] = await changes();
  assert.equal(first?.animation, 'none', 'what happened meanwhile is no move of now');
  assert.notEqual(await list.row('AAPL').price.textContent(), before);
  await page.clock.resume();
  await list.isLinked('connected');
  await list.row('AAPL').nextPrice();
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
      const { page, context, presence, list } = await watching('away', [['apple', 'AAPL']], { origin: own.origin, timed: true, ...options });
    await own.kill();
    await list.isLinked('reconnecting');
    await page.clock.fastForward(5_000);
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
