// The installed app: what it keeps on the device and what it never does, opening without the server, and going on to a
// new version.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AuthPage } from '../pages/auth_page.js';
import { ListPage } from '../pages/list_page.js';
import { PresencePage } from '../pages/presence_page.js';
import { PASSWORD } from '../support/account.js';
import { accessible } from '../support/axe.js';
import { Browser, LOOKS, quiet } from '../support/browser.js';
import { Gate } from '../support/gate.js';
import { Server, freePort } from '../support/server.js';
import { otherVersion } from '../support/versions.js';

let browser;

before(async () => {
  browser = await Browser.launch();
});

after(async () => {
  await browser?.close();
});

// Waits until the worker serves the page, and gives the paths that it keeps, by cache.
async function kept(page) {
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');
  return page.evaluate(async () => {
    const names = await caches.keys();
    const paths = async (name) => (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname);
    return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await paths(name)])));
  });
}

test('the app can be installed', async (t) => {
  const server = await Server.start();
  t.after(() => server.stop());
  const { page, context, complaints } = await browser.open(server.origin);
  await page.goto('/login');
  await kept(page);
  const client = await context.newCDPSession(page);
  const manifest = await client.send('Page.getAppManifest');
  assert.deepEqual(manifest.errors, []);
  const { icons, display, start_url: start } = JSON.parse(manifest.data);
  assert.deepEqual([display, start], ['standalone', '/']);
  for (const { src, sizes, type } of icons) {
    const size = await page.evaluate(async (src) => {
      const picture = new Image();
      picture.src = src;
      await picture.decode();
      return `${picture.naturalWidth}x${picture.naturalHeight}`;
    }, src);
    assert.ok(type === 'image/svg+xml' || size === sizes, `${src} is ${size}`);
  }
  const { installabilityErrors } = await client.send('Page.getInstallabilityErrors');
  // A profile without a trace is what each test has.
  assert.deepEqual(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito'), []);
  quiet(complaints);
  await context.close();
});

test('the shell alone is kept, nothing of it is transferred twice, and the rest once it is used', async (t) => {
  const gate = await Gate.open(await freePort());
  const server = await Server.start('--public-origin', gate.origin, '--sim-interval-ms', '200');
  gate.leadTo(server.origin);
  t.after(async () => Promise.all([gate.close(), server.stop()]));
  const { page, context, complaints } = await browser.open(gate.origin);
  const [auth, list] = [new AuthPage(page), new ListPage(page)];
  await auth.register('shell@example.com', PASSWORD);
  await list.addByKeyboard('apple', 'AAPL');
  await list.row('AAPL').nextPrice();
  const caches = Object.values(await kept(page));
  assert.equal(caches.length, 1);
  for (const stem of ['app', 'link', 'boot', 'install']) {
    assert.ok(caches[0].some((path) => path.startsWith(`/assets/${stem}-`)), `${stem} is kept`);
  }
  assert.ok(caches[0].includes('/'), 'the page is kept');
  assert.deepEqual(caches[0].filter((path) => path !== '/' && !path.startsWith('/assets/')), [], 'and nothing else');

  await page.reload();
  await list.row('AAPL').nextPrice();
  const assets = gate.asked.filter((path) => path.startsWith('/assets/'));
  assert.deepEqual(assets, [...new Set(assets)], 'each file was transferred once');

  // A part that is loaded later is kept from its first use on.
  await list.logOut();
  await auth.password.waitFor();
  const later = Object.values(await kept(page))[0].filter((path) => !caches[0].includes(path));
  assert.ok(later.every((path) => path.endsWith('.wasm') || path.endsWith('.txt')), `${later}`);
  assert.ok(!Object.values(await kept(page)).flat().some((path) => path.startsWith('/api')), 'nothing of the API');
  quiet(complaints);
  await context.close();
});

for (const [look, options] of LOOKS) {
  test(`without the server the app opens, says so, and goes on by itself (${look})`, async (t) => {
    const server = await Server.start('--sim-interval-ms', '200');
    t.after(() => server.stop());
    const { page, context } = await browser.open(server.origin, { ...options, timed: true });
    const list = new ListPage(page);
    await new AuthPage(page).register('start@example.com', PASSWORD);
    await list.addByKeyboard('apple', 'AAPL');
    await kept(page);
    await server.kill();
    await page.reload();
    await page.getByRole('heading', { name: 'The server does not answer' }).waitFor();
    assert.match(await page.textContent('main'), /No prices and no lists are kept on this device/);
    assert.equal(await list.rows.count(), 0);
    await accessible(page);
    await server.restart();
    // It asks again every few seconds, which need not be waited for.
    await page.clock.fastForward(10_000);
    await list.row('AAPL').nextPrice();
    await context.close();
  });
}

test('a new version is offered, and nothing changes before it is taken', async (t) => {
  const server = await Server.start('--sim-interval-ms', '200');
  t.after(() => server.stop());
  const { page, context } = await browser.open(server.origin);
  const [list, presence] = [new ListPage(page), new PresencePage(page)];
  await new AuthPage(page).register('update@example.com', PASSWORD);
  await list.addByKeyboard('apple', 'AAPL');
  const [before] = Object.keys(await kept(page));
  assert.equal(await presence.update.count(), 0, 'the first version is no news');

  const next = await otherVersion(process.env.WATCHTAPE_WEB_DIR);
  t.after(() => next.remove());
  await server.kill();
  await server.restart(next.folder);
  // The browser says that there is a network, and the next try is not waited for.
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await presence.update.waitFor();
  await accessible(page);
  assert.equal(await page.locator(`script[src$="${next.boot}"]`).count(), 0);
  const loaded = page.waitForEvent('load');
  await presence.update.getByRole('button', { name: 'Reload' }).click();
  await loaded;
  await list.row('AAPL').nextPrice();
  assert.equal(await page.locator(`script[src$="${next.boot}"]`).count(), 1);
  const after = Object.keys(await kept(page));
  assert.equal(after.length, 1, 'the old version is gone');
  assert.notEqual(after[0], before);
  assert.equal(await presence.update.count(), 0);
  await context.close();
});
