// One person's things never reach the next: nothing of what was open, typed, done or undone, however the first one's
// session ended.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuthPage } from '../pages/auth_page.js';
import { ListChanges, tokenOf } from '../pages/list_changes.js';
import { ListPage } from '../pages/list_page.js';
import { TablePage } from '../pages/table_page.js';
import { PASSWORD } from '../support/account.js';
import { stage } from '../support/stage.js';

const { server, browser } = await stage('--sim-interval-ms', '200', '--anon-per-minute', '0');

// What is looked for afterwards: names that only the first person's things have.
const SECRET = 'Zebra';

// Somebody who has opened, chosen, sorted and done something of everything that a page remembers.
async function busy(name, isHere) {
  const { page, context } = await browser.open(server.origin);
  const [auth, list, changes] = [new AuthPage(page), new ListPage(page), new ListChanges(page)];
  await auth.register(`${name}-zebra@example.com`, PASSWORD);
  for (const [query, symbol] of [['apple', 'AAPL'], ['tesla', 'TSLA'], ['zoetis', 'ZTS']]) {
    await list.addByKeyboard(query, symbol);
  }
  await changes.ready();
  await changes.newList(`${SECRET} two`);
  for (const [query, symbol] of [['apple', 'AAPL'], ['tesla', 'TSLA'], ['zoetis', 'ZTS']]) {
    await list.addByKeyboard(query, symbol);
  }
  const id = page.url().split('/').pop();
  await new TablePage(page).sort('Price');
  await list.row('ZTS').element.press('Delete');
  await changes.says('ZTS removed');
  await list.row('AAPL').element.press('x');
  await changes.bar.waitFor();
  if (isHere) {
    await page.locator('.tab[aria-current=page]').press('F2');
    await page.locator('.tab-name-form input').fill(`${SECRET} half`);
  } else {
    await changes.edit('AAPL');
  }
  return { page, context, id, auth, list, changes };
}

// Everything of a page that somebody could read.
function readable(page) {
  return page.evaluate(() => {
    const fields = [...document.querySelectorAll('input, textarea')].map((field) => field.value);
    const stored = [localStorage, sessionStorage].map((storage) => JSON.stringify({ ...storage }));
    return [document.documentElement.outerHTML, document.title, location.href, ...stored, ...fields].join('\n');
  });
}

async function showsNothingOf(page, id) {
  const text = await readable(page);
  for (const trace of [new RegExp(SECRET, 'i'), new RegExp(id), /\bZTS\b/]) assert.doesNotMatch(text, trace);
  assert.equal(await page.locator('dialog[open]').count(), 0, 'no dialog is open');
}

// Another account signs in on the page, and does what would bring back something of the one before.
async function another(page, auth, list, changes, name) {
  await auth.email.fill(`${name}-other@example.com`);
  await auth.password.fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('.tab[aria-current=page]').waitFor();
  await changes.ready();
  await list.addByKeyboard('microsoft', 'MSFT');
  assert.equal(await changes.bar.count(), 0, 'nothing is selected');
  assert.equal(await page.locator('[aria-sort=ascending], [aria-sort=descending]').count(), 0, 'nothing is sorted');
  await list.row('MSFT').element.press('Control+z');
  await list.row('MSFT').element.waitFor({ state: 'detached' });
  await page.locator('body').press('Control+z');
  await changes.speaks('There is nothing to undo.');
}

async function register(name) {
  const { page, context } = await browser.open(server.origin);
  await new AuthPage(page).register(`${name}-other@example.com`, PASSWORD);
  await page.locator('.tab[aria-current=page]').waitFor();
  await context.close();
}

const ENDS = {
  'signed out here': ({ list }) => list.logOut(),
  'signed out in another tab': async ({ context }) => {
    const tab = await context.newPage();
    await tab.goto('/');
    // The way from there to the first list closes a menu that has been opened before.
    await tab.locator('.tab[aria-current=page]').waitFor();
    await new ListPage(tab).logOut();
    await new AuthPage(tab).password.waitFor();
    await tab.close();
  },
  'been revoked from another device': async ({ page }, name) => {
    const { context } = await browser.open(server.origin);
    const tab = await context.newPage();
    const token = tokenOf(tab);
    await new AuthPage(tab).logIn(`${name}-zebra@example.com`, PASSWORD);
    await page.request.post('/api/v1/auth/logout-all', { headers: { authorization: `Bearer ${await token}` } });
    await context.close();
  },
};

for (const [how, end] of Object.entries(ENDS)) {
  test(`after somebody has ${how}, nothing of theirs is there for the next`, async () => {
    const name = how.split(' ').pop();
    await register(name);
    const somebody = await busy(name, how === 'signed out here');
    const { page, context, id, auth, list, changes } = somebody;
    await end(somebody, name);
    await auth.password.waitFor();
    if (how === 'signed out here') await showsNothingOf(page, id);
    await another(page, auth, list, changes, name);
    await showsNothingOf(page, id);
    await context.close();
  });
}
