// The account: who it is, how it looks, who may use it, and its end; and the first minutes of somebody who has none.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { AccountPage } from '../pages/account_page.js';
import { AuthPage } from '../pages/auth_page.js';
import { ListPage } from '../pages/list_page.js';
import { accessible } from '../support/axe.js';
import { Browser, DESKTOP, PHONE, quiet } from '../support/browser.js';
import { Server } from '../support/server.js';

const PASSWORD = 'correct horse battery';
const NEXT = 'staple orbit lantern';
const SECTIONS = ['Profile', 'Appearance', 'Password', 'Devices', 'API keys', 'Sign-in history', 'Your data'];
const LOOKS = [
  ['desktop, light', { viewport: DESKTOP, colorScheme: 'light' }],
  ['phone, dark', { viewport: PHONE, colorScheme: 'dark' }],
];
let server;
let browser;

before(async () => {
  [server, browser] = await Promise.all([Server.start('--sim-interval-ms', '200', '--anon-per-minute', '0'), Browser.launch()]);
});

after(async () => {
  await Promise.all([browser?.close(), server?.stop()]);
});

// Somebody with an account, on its page.
async function signedUp(email, options) {
  const opened = await browser.open(server.origin, options);
  const [auth, account] = [new AuthPage(opened.page), new AccountPage(opened.page)];
  await auth.register(email, PASSWORD);
  await account.button.waitFor();
  await opened.page.goto('/account');
  await account.sections.waitFor();
  return { ...opened, auth, account };
}

// The browser reports every refusal; these were meant.
function refusals(complaints, status) {
  const refused = complaints.filter((text) => text.includes(`status of ${status}`));
  quiet(complaints.filter((text) => !refused.includes(text)));
  return refused.length;
}

for (const [look, options] of LOOKS) {
  test(`every section fits its screen and is accessible (${look})`, async () => {
    const { page, context, complaints, account } = await signedUp(`${look.replaceAll(/\W+/g, '-')}@example.com`, options);
    const list = new ListPage(page);
    for (const section of SECTIONS) {
      await account.open(section);
      await page.getByRole('main').getByRole('heading', { level: 2 }).first().waitFor();
      await page.locator('.entries-loading').waitFor({ state: 'detached' });
      assert.equal(await list.sideways(), 0, `${section} is as wide as the screen`);
      await accessible(page);
    }
    await account.openPanel();
    await accessible(page);
    quiet(complaints);
    await context.close();
  });

  test(`the ways in are accessible and fit (${look})`, async () => {
    const { page, context, complaints } = await browser.open(server.origin, options);
    for (const [path, button] of [['/login', 'Sign in'], ['/register', 'Create account'], ['/reset', 'Send a link']]) {
      await page.goto(path);
      await page.getByRole('button', { name: button, exact: true }).click();
      await page.locator('[aria-invalid=true]').first().waitFor();
      assert.equal(await new ListPage(page).sideways(), 0, path);
      await accessible(page);
    }
    quiet(complaints);
    await context.close();
  });
}

test('name and address are changed; a wrong password is said at its field', async () => {
  const { page, context, complaints, auth, account } = await signedUp('before@example.com');
  await page.getByLabel('Your name').fill('Ada Lovelace');
  await page.getByRole('button', { name: 'Save name' }).click();
  await account.says('Your name was saved.');
  assert.equal(await account.button.textContent(), 'A');

  await auth.email.fill('after@example.com');
  await page.getByLabel('Current password').fill('not the password');
  await page.getByRole('button', { name: 'Save address' }).click();
  await page.locator('#profile-password[aria-invalid=true]').waitFor();
  assert.equal(await page.locator('#profile-password-error').textContent(), 'That is not the account’s password.');
  await page.getByLabel('Current password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Save address' }).click();
  await account.says('Your e-mail address was saved.');
  await account.openPanel();
  await account.panel.getByText('after@example.com').waitFor();
  assert.equal(refusals(complaints, 403), 1);
  await context.close();
});

test('a new password signs the other devices out, and a weak one is refused', async () => {
  const { page, context, complaints, account } = await signedUp('password@example.com');
  const other = await browser.open(server.origin);
  await new AuthPage(other.page).logIn('password@example.com', PASSWORD);
  await new ListPage(other.page).search.waitFor();

  await account.open('Password');
  await page.getByLabel('Current password').fill(PASSWORD);
  await page.getByLabel('New password').fill('password123');
  await page.getByText('Easy to guess').waitFor();
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.locator('#new-password[aria-invalid=true]').waitFor();
  await page.getByLabel('New password').fill(NEXT);
  await page.getByText('Hard to guess').waitFor();
  await page.getByRole('button', { name: 'Change password' }).click();
  await account.says('Your password was changed.');
  await new AuthPage(other.page).password.waitFor();
  assert.equal(refusals(complaints, 422), 1);
  await Promise.all([context.close(), other.context.close()]);
});

test('a device is named, and signed out from another one', async () => {
  const { page, context, complaints, account } = await signedUp('devices@example.com');
  const other = await browser.open(server.origin);
  await new AuthPage(other.page).logIn('devices@example.com', PASSWORD);
  await new ListPage(other.page).search.waitFor();

  await account.open('Devices');
  await account.entry('This device').getByText('Chrome on Linux').waitFor();
  assert.equal(await account.entry('This device').getByRole('button').count(), 0);
  await page.getByRole('button', { name: 'Sign out Chrome on Linux' }).click();
  await account.says('Chrome on Linux was signed out.');
  assert.equal(await account.entry('Chrome on Linux').count(), 1);
  await new AuthPage(other.page).password.waitFor();

  await page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await page.getByText('You are signed out.').waitFor();
  quiet(complaints);
  await Promise.all([context.close(), other.context.close()]);
});

test('a key is made, copied with one click, works, and is revoked', async () => {
  const { page, context, complaints, account } = await signedUp('keys@example.com');
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await account.open('API keys');
  await page.getByText('You have no key.').waitFor();
  await page.getByRole('button', { name: 'Make key' }).click();
  await page.locator('#key-name[aria-invalid=true]').waitFor();
  await page.getByLabel('What it is for').fill('Spreadsheet');
  await page.getByRole('button', { name: 'Make key' }).click();
  await account.key.waitFor();
  const key = await account.key.inputValue();
  await accessible(page);
  await page.getByRole('button', { name: 'Copy' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), key);
  const call = () => fetch(`${server.origin}/api/v1/watchlists`, { headers: { authorization: `Bearer ${key}` } });
  assert.equal((await call()).status, 200);

  await page.getByRole('button', { name: 'I have it' }).click();
  await account.key.waitFor({ state: 'detached' });
  await account.entry('Spreadsheet').getByText(`wt_…${key.slice(-4)}`).waitFor();
  await page.getByRole('button', { name: 'Revoke Spreadsheet' }).click();
  await page.getByRole('button', { name: 'Revoke for good?' }).click();
  await account.says('Spreadsheet was revoked.');
  assert.equal((await call()).status, 401);
  quiet(complaints);
  await context.close();
});

test('the history tells what was done, and goes on where it is long', async () => {
  const { page, context, complaints, account } = await signedUp('history@example.com');
  const name = page.getByLabel('Your name');
  for (let count = 1; count <= 21; count += 1) {
    await name.fill(`Name ${count}`);
    const saved = page.waitForResponse((answer) => answer.url().endsWith('/me') && answer.status() === 200);
    await page.getByRole('button', { name: 'Save name' }).click();
    await saved;
    await page.locator('form button[aria-disabled=false]', { hasText: 'Save name' }).waitFor();
  }
  await account.open('Sign-in history');
  await account.entry('Name or address was changed').first().waitFor();
  assert.equal(await account.entry('The account was opened').count(), 0);
  await page.getByRole('button', { name: 'Show more' }).click();
  await account.entry('The account was opened').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Show more' }).count(), 0);
  quiet(complaints);
  await context.close();
});

test('the data is downloaded, and the account deleted with all of it', async () => {
  const { page, context, complaints, auth, account } = await signedUp('gone@example.com');
  await page.goto('/account#data');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download' }).click(),
  ]);
  const data = JSON.parse(await readFile(await download.path(), 'utf8'));
  assert.equal(data.user.email, 'gone@example.com');
  await account.says('Your data is in your downloads.');

  const remove = page.getByRole('button', { name: 'Delete account for good' });
  await page.getByLabel('Current password').fill(PASSWORD);
  await remove.click();
  await page.getByText('Type delete to confirm.').waitFor();
  await page.getByLabel('To confirm, type: delete').fill('delete');
  await remove.click();
  await page.getByText('Your account is deleted').waitFor();
  await auth.logIn('gone@example.com', PASSWORD);
  await auth.alert.getByText(/do not belong together/).waitFor();
  assert.equal(refusals(complaints, 401), 1);
  await context.close();
});

test('a theme is chosen, kept, and there before anything is drawn', async () => {
  const { page, context, complaints, account } = await signedUp('theme@example.com');
  const paper = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await paper();
  await account.openPanel();
  await account.panel.getByText('Dark', { exact: true }).click();
  const dark = await paper();
  assert.notEqual(dark, light);
  // Without the app itself, as it is before that has been loaded.
  await page.route('**/*.wasm', (route) => route.abort());
  await page.goto('/account', { waitUntil: 'domcontentloaded' });
  assert.equal(await account.attribute('theme'), 'dark');
  assert.equal(await paper(), dark);
  await page.unroute('**/*.wasm');
  quiet(complaints.filter((text) => !/ERR_FAILED|Failed to fetch|thrown/.test(text)));
  await context.close();
});

test('a palette changes the colours, density the rows, and numbers the prices', async () => {
  const { page, context, complaints, account } = await signedUp('looks@example.com');
  await page.goto('/account#appearance');
  await account.choose('Rises and falls', 'Distinct');
  await account.choose('Rows', 'Dense');
  await account.choose('Movement', 'Calm');
  await account.choose('Thousands and decimals', '1.234,50');
  await page.getByText('1.234.567,89').waitFor();
  for (const [name, chosen] of [['palette', 'distinct'], ['density', 'dense'], ['motion', 'calm']]) {
    assert.equal(await account.attribute(name), chosen);
  }
  await accessible(page);
  const token = (name) => page.evaluate((name) => {
    const probe = document.body.appendChild(document.createElement('i'));
    probe.style.setProperty('color', `var(${name})`);
    const colour = getComputedStyle(probe).color;
    probe.remove();
    return colour;
  }, name);
  assert.equal(await token('--up'), 'rgb(10, 92, 168)');
  assert.equal(await token('--bad'), 'rgb(185, 42, 44)', 'what is wrong stays red');

  await page.goto('/');
  const list = new ListPage(page);
  await list.addByKeyboard('apple', 'AAPL');
  assert.match(await list.row('AAPL').price.textContent(), /^[\d.]+,\d{2,}$/);
  quiet(complaints);
  await context.close();
});

for (const [look, options] of LOOKS) {
  test(`a visitor tries it with one click, and keeps what there is (${look})`, async () => {
    const { page, context, complaints } = await browser.open(server.origin, options);
    const [account, list, auth] = [new AccountPage(page), new ListPage(page), new AuthPage(page)];
    await page.goto('/');
    await account.tryAsGuest();
    await list.rows.first().waitFor();
    const symbols = await list.symbols();
    assert.ok(symbols.length >= 5, 'a first list');
    await list.row(symbols[0]).nextPrice();
    assert.equal(await list.sideways(), 0);

    await account.guestBar.getByRole('link', { name: 'Keep it' }).click();
    await page.getByRole('heading', { name: 'Keep this account' }).waitFor();
    assert.deepEqual(await account.sections.getByRole('link').allTextContents(), ['Keep this account', 'Appearance', 'Your data']);
    await accessible(page);
    const email = `kept-${look.replaceAll(/\W+/g, '-')}@example.com`;
    await auth.email.fill(email);
    await auth.password.fill(PASSWORD);
    await page.getByRole('button', { name: 'Keep account' }).click();
    await account.says('The account is yours to keep.');
    await account.guestBar.waitFor({ state: 'detached' });

    await account.openPanel();
    await account.panel.getByRole('button', { name: 'Sign out' }).click();
    await auth.logIn(email, PASSWORD);
    await page.goto('/');
    await list.showsRows(...symbols);
    quiet(complaints);
    await context.close();
  });
}

test('a server without guests offers none', async (t) => {
  const closed = await Server.start('--guests', '0');
  t.after(() => closed.stop());
  const { page, context, complaints } = await browser.open(closed.origin);
  const asked = page.waitForResponse((answer) => answer.url().endsWith('/auth/guest'));
  await page.goto('/login');
  assert.deepEqual(await (await asked).json(), { available: false });
  await new AuthPage(page).password.waitFor();
  assert.equal(await page.getByRole('button', { name: 'Try it without an account' }).count(), 0);
  quiet(complaints);
  await context.close();
});

test('what the server breaks is said with a reference to report', async () => {
  const { page, context, complaints, account } = await signedUp('broken@example.com');
  const problem = { type: 'urn:x', title: 'Internal error', status: 500, detail: 'pool', code: 'internal', request_id: 'req-77' };
  const answer = { status: 500, contentType: 'application/problem+json', body: JSON.stringify(problem) };
  await page.route('**/api/v1/me/sessions', (route) => route.fulfill(answer));
  await account.open('Devices');
  const alert = page.getByRole('alert').filter({ hasText: 'Something went wrong on the server.' });
  await alert.getByText('req-77').waitFor();
  await accessible(page);
  await page.unroute('**/api/v1/me/sessions');
  await page.getByRole('button', { name: 'Try again' }).click();
  await account.entry('This device').waitFor();
  assert.equal(refusals(complaints, 500), 1);
  await context.close();
});
