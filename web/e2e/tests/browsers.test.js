// Browsers that lack something, or forbid it: what can still work does, and the rest says why it does not.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuthPage } from '../pages/auth_page.js';
import { ListPage } from '../pages/list_page.js';
import { PASSWORD } from '../support/account.js';
import { stage } from '../support/stage.js';

const { server, browser } = await stage('--sim-interval-ms', '200');

// A tab in which this has run before the page.
async function lacking(remove, options) {
  const opened = await browser.open(server.origin, options);
  await opened.context.addInitScript(remove);
  return { ...opened, auth: new AuthPage(opened.page), list: new ListPage(opened.page) };
}

const SENTENCES = [['en-GB', 'Watchtape needs WebAssembly'], ['de-DE', 'Watchtape braucht WebAssembly']];

for (const [locale, sentence] of SENTENCES) {
  test(`without WebAssembly the page says so (${locale})`, async () => {
    const { page, context } = await lacking(() => delete globalThis.WebAssembly, { locale });
    await page.goto('/login');
    const notice = page.getByRole('alert').filter({ hasText: sentence });
    await notice.waitFor();
    assert.equal(await page.locator('.unloaded p:visible').count(), 1, 'one sentence, in one language');
    await context.close();
  });
}

const WITHOUT = [
  ['AbortSignal.timeout', () => delete AbortSignal.timeout],
  ['locks', () => delete Navigator.prototype.locks],
  ['locks that are granted', () => {
    LockManager.prototype.request = () => Promise.reject(new DOMException('no', 'SecurityError'));
  }],
  ['service workers', () => delete Navigator.prototype.serviceWorker],
  ['room in the storage', () => {
    Storage.prototype.setItem = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
  }],
  ['any storage', () => {
    const forbidden = () => {
      throw new DOMException('no', 'SecurityError');
    };
    for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, { get: forbidden });
    CacheStorage.prototype.open = () => Promise.reject(new DOMException('no', 'SecurityError'));
  }],
];

for (const [what, remove] of WITHOUT) {
  test(`without ${what} people sign in, see prices and are still signed in after a reload`, async () => {
    const { page, context, auth, list } = await lacking(remove);
    await auth.register(`${what.replaceAll(/\W+/g, '-')}@example.com`, PASSWORD);
    await list.addByKeyboard('apple', 'AAPL');
    await page.reload();
    await list.row('AAPL').nextPrice();
    if (what.includes('storage')) {
      await page.goto('/account#appearance');
      await page.getByText('This browser lets the page store nothing').waitFor();
    }
    await context.close();
  });
}

test('without cookies the sign-in page says what that means, and signs in', async () => {
  const { page, context, auth, list } = await lacking(() => {
    Object.defineProperty(Navigator.prototype, 'cookieEnabled', { get: () => false });
  });
  await page.goto('/login');
  await page.getByText('Cookies are switched off for this page.').waitFor();
  await auth.register('cookies@example.com', PASSWORD);
  await list.addByKeyboard('apple', 'AAPL');
  await context.close();
});
