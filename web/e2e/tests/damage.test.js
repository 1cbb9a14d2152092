// What is kept on the device must be good: answers that are no files of the app, damaged files, and the way back from
// both without anybody's help.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AuthPage } from '../pages/auth_page.js';
import { ListPage } from '../pages/list_page.js';
import { PASSWORD } from '../support/account.js';
import { Browser } from '../support/browser.js';
import { Proxy } from '../support/proxy.js';
import { Server, freePort } from '../support/server.js';

let browser;

before(async () => {
  browser = await Browser.launch();
});

after(async () => {
  await browser?.close();
});

// A server behind a proxy, with a tab of its own.
async function behind(t, options) {
  const proxy = await Proxy.open(await freePort());
  const server = await Server.start('--public-origin', proxy.origin, '--sim-interval-ms', '200');
  proxy.leadTo(server.origin);
  const opened = await browser.open(proxy.origin, options);
  t.after(async () => {
    await opened.context.close();
    await Promise.all([proxy.close(), server.stop()]);
  });
  return { proxy, server, ...opened, auth: new AuthPage(opened.page), list: new ListPage(opened.page) };
}

const served = (page) => page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');

// The paths that are kept with something else than a file of the app in their place.
function strangers(page) {
  return page.evaluate(async () => {
    const found = [];
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const { url } of await cache.keys()) {
        const text = await (await cache.match(url)).text();
        if (text.includes('Back soon')) found.push(new URL(url).pathname);
      }
    }
    return found;
  });
}

test('a page that a proxy answers in place of a part is not kept, and "Try again" loads the part', async (t) => {
  const { proxy, page, auth, list } = await behind(t);
  await page.goto('/login');
  await served(page);
  proxy.answers(/split_lists/);
  await auth.register('part@example.com', PASSWORD);
  await page.getByRole('heading', { name: 'This part could not be loaded' }).waitFor();
  assert.deepEqual(await strangers(page), []);
  proxy.answers(/^$/, 0);
  await page.getByRole('button', { name: 'Try again' }).click();
  await list.addByKeyboard('apple', 'AAPL');
});

test('a damaged file in the cache is replaced, and nobody notices', async (t) => {
  const { page, auth, list } = await behind(t);
  await auth.register('cache@example.com', PASSWORD);
  await list.addByKeyboard('apple', 'AAPL');
  await served(page);
  await page.evaluate(async () => {
    const [name] = await caches.keys();
    const cache = await caches.open(name);
    for (const { url } of await cache.keys()) {
      const type = (await cache.match(url)).headers.get('content-type');
      if (url.includes('/assets/')) await cache.put(url, new Response('Back soon', { headers: { 'content-type': type } }));
    }
  });
  await page.reload();
  await list.row('AAPL').nextPrice();
  // What is loaded later is replaced when it is.
  await list.addByKeyboard('tesla', 'TSLA');
  assert.deepEqual(await strangers(page), []);
});

for (const part of ['app-\\w+\\.wasm', 'app-\\w+\\.js']) {
  test(`a page that the browser has kept for a year in place of ${part} is asked for again`, async (t) => {
    const { proxy, page, auth } = await behind(t, { serviceWorkers: 'block' });
    proxy.answers(new RegExp(`/assets/${part}`), 1);
    await page.goto('/login');
    await auth.email.waitFor();
  });
}

test("a security whose symbol looks like a file's name opens without the server", async (t) => {
  const { page, auth, list, server } = await behind(t);
  await auth.register('brk@example.com', PASSWORD);
  await list.addByKeyboard('apple', 'AAPL');
  await served(page);
  await server.kill();
  await page.goto('/securities/BRK.B');
  await page.getByRole('heading', { name: 'The server does not answer' }).waitFor();
});
