// Who may use the account: its password, its devices and its keys, and what they did.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuthPage } from '../pages/auth_page.js';
import { ListPage } from '../pages/list_page.js';
import { PASSWORD, refusals, signedUp } from '../support/account.js';
import { accessible } from '../support/axe.js';
import { quiet } from '../support/browser.js';
import { stage } from '../support/stage.js';

const NEXT = 'staple orbit lantern';
const { server, browser } = await stage('--sim-interval-ms', '200', '--anon-per-minute', '0');

test('a new password signs the other devices out, and a weak one is refused', async () => {
  const { page, context, complaints, account } = await signedUp(browser, server, 'password@example.com');
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
  await page.getByText('Hard to guess', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Change password' }).click();
  await account.says('Your password was changed.');
  await new AuthPage(other.page).password.waitFor();
  assert.equal(refusals(complaints, 422), 1);
  await Promise.all([context.close(), other.context.close()]);
});

test('a device is named, and signed out from another one', async () => {
  const { page, context, complaints, account } = await signedUp(browser, server, 'devices@example.com');
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
  const { page, context, complaints, account } = await signedUp(browser, server, 'keys@example.com');
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await account.open('API keys');
  await page.getByText('You have no key.').waitFor();
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.locator('#key-name[aria-invalid=true]').waitFor();
  await page.getByLabel('What it is for').fill('Spreadsheet');
  await page.getByRole('button', { name: 'Create key' }).click();
  await account.key.waitFor();
  const key = await account.key.inputValue();
  await accessible(page);
  await page.getByRole('button', { name: 'Copy' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), key);
  const call = () => fetch(`${server.origin}/api/v1/watchlists`, { headers: { authorization: `Bearer ${key}` } });
  assert.equal((await call()).status, 200);

  await page.getByRole('button', { name: 'Done' }).click();
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
  const { page, context, complaints, account } = await signedUp(browser, server, 'history@example.com');
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
  assert.equal(await account.entry('The account was created').count(), 0);
  await page.getByRole('button', { name: 'Show more' }).click();
  await account.entry('The account was created').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Show more' }).count(), 0);
  quiet(complaints);
  await context.close();
});
