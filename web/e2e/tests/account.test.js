// The account: every section of its page, who it is, what is known of it, and its end.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { ListPage } from '../pages/list_page.js';
import { PASSWORD, refusals, signedUp } from '../support/account.js';
import { accessible } from '../support/axe.js';
import { LOOKS, quiet } from '../support/browser.js';
import { stage } from '../support/stage.js';

const SECTIONS = ['Profile', 'Appearance', 'Password', 'Devices', 'API keys', 'Sign-in history', 'Your data'];
const { server, browser } = await stage('--sim-interval-ms', '200', '--anon-per-minute', '0');

for (const [look, options] of LOOKS) {
  test(`every section fits its screen and is accessible (${look})`, async () => {
    const { page, context, complaints, account } = await signedUp(browser, server, `${look.replaceAll(/\W+/g, '-')}@example.com`, options);
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
}

test('name and address are changed; a wrong password is said at its field', async () => {
  const { page, context, complaints, auth, account } = await signedUp(browser, server, 'before@example.com');
  await page.getByLabel('Your name').fill('Ada Lovelace');
  await page.getByRole('button', { name: 'Save name' }).click();
  await account.says('Your name was saved.');
  assert.equal(await account.button.textContent(), 'A');

  await auth.email.fill('after@example.com');
  await page.getByLabel('Current password').fill('not the password');
  await page.getByRole('button', { name: 'Save address' }).click();
  await page.locator('#profile-password[aria-invalid=true]').waitFor();
  assert.equal(await page.locator('#profile-password-error').textContent(), 'Incorrect password.');
  await page.getByLabel('Current password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Save address' }).click();
  await account.says('Your e-mail address was saved.');
  await account.openPanel();
  await account.panel.getByText('after@example.com').waitFor();
  assert.equal(refusals(complaints, 403), 1);
  await context.close();
});

test('the data is downloaded, and the account deleted with all of it', async () => {
  const { page, context, complaints, auth, account } = await signedUp(browser, server, 'gone@example.com');
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
  await auth.alert.getByText(/Incorrect e-mail address or password/).waitFor();
  assert.equal(refusals(complaints, 401), 1);
  await context.close();
});

test('what the server breaks is said with a reference to report', async () => {
  const { page, context, complaints, account } = await signedUp(browser, server, 'broken@example.com');
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
