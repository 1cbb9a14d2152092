// Where alerts are told beside the app: webhooks, with a secret that is shown once and a test that says how it went; this
// browser, whose permission is asked on the click alone; and the page of a mailed link.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, test } from 'node:test';
import { AlertsPage } from '../pages/alerts_page.js';
import { until } from '../pages/list_changes.js';
import { ListPage } from '../pages/list_page.js';
import { refusals, signedUp } from '../support/account.js';
import { accessible } from '../support/axe.js';
import { LOOKS, quiet } from '../support/browser.js';
import { Receiver } from '../support/receiver.js';
import { stage } from '../support/stage.js';

const NARROW = { width: 320, height: 568 };
const receiver = await Receiver.open();
after(() => receiver.close());
const { server, browser } = await stage(
  ...['--sim-interval-ms', '500', '--anon-per-minute', '0', '--notify-allow', '127.0.0.1'],
);

async function begin(email, options) {
  const opened = await signedUp(browser, server, email, options);
  await opened.account.open('Notifications');
  return { ...opened, list: new ListPage(opened.page) };
}

// Adds a webhook, and gives its secret.
async function addWebhook(page, name) {
  await page.getByLabel('URL', { exact: true }).fill(receiver.url);
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByRole('button', { name: 'Add webhook' }).click();
  return page.getByLabel(`Secret of “${name}”`).and(page.locator('input')).inputValue();
}

function signed({ headers, body }, secret) {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const text = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  return headers['webhook-signature'].split(' ').includes(`v1,${createHmac('sha256', key).update(text).digest('base64')}`);
}

for (const [name, options] of [...LOOKS, ['narrow', { viewport: NARROW }]]) {
  test(`a webhook is added, tested, paused and deleted (${name})`, async () => {
    const email = `hook-${name.replaceAll(/\W+/g, '-')}@example.com`;
    const { page, context, complaints, account, list } = await begin(email, options);
    await page.getByText('Nothing is set up yet').waitFor();
    await accessible(page);
    assert.equal(await list.sideways(), 0);
    const secret = await addWebhook(page, 'My hook');
    assert.match(secret, /^whsec_/);
    await accessible(page);
    await page.getByRole('button', { name: 'I have copied it' }).click();
    assert.doesNotMatch(await page.content(), new RegExp(secret.slice(6, 20).replaceAll('+', '\\+')), 'it is shown once');

    receiver.received = [];
    await page.getByRole('button', { name: 'Send test to “My hook”' }).click();
    await account.says(/^The test has arrived at “My hook” \(\d+ ms\)\.$/);
    assert.ok(signed(receiver.received[0], secret), 'the test is signed with the secret that was shown');
    await page.getByRole('button', { name: 'Last deliveries to “My hook”' }).click();
    await page.locator('.destination-deliveries li[data-state=delivered]').waitFor();
    await accessible(page);
    assert.equal(await list.sideways(), 0);

    await page.getByRole('button', { name: 'Pause “My hook”' }).click();
    await page.getByText('Paused', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Resume “My hook”' }).click();
    await page.getByText('Active', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'New secret for “My hook”' }).click();
    const field = page.getByLabel('Secret of “My hook”').and(page.locator('input'));
    await field.waitFor();
    assert.notEqual(await field.inputValue(), secret);
    await page.getByRole('button', { name: 'Delete “My hook”' }).click();
    await page.getByRole('button', { name: 'Delete for good' }).click();
    await account.says('“My hook” deleted.');
    await page.getByText('Nothing is set up yet').waitFor();
    quiet(complaints);
    await context.close();
  });
}

test('a test that fails says why, and a wrong address is refused at its field', async () => {
  const { page, context, complaints, account } = await begin('fails@example.com');
  await addWebhook(page, 'Broken');
  receiver.status = 500;
  await page.getByRole('button', { name: 'Send test to “Broken”' }).click();
  await account.says(/^The test has not arrived at “Broken”: .*500/);
  receiver.status = 204;
  await page.getByLabel('URL', { exact: true }).fill('ftp://example.com');
  await page.getByRole('button', { name: 'Add webhook' }).click();
  await page.getByText('An address that begins with https:// or http://.').waitFor();
  quiet(complaints);
  await page.getByLabel('URL', { exact: true }).fill('https://10.0.0.1/hook');
  await page.getByRole('button', { name: 'Add webhook' }).click();
  await page.locator('#webhook-url[aria-invalid=true]').waitFor();
  assert.equal(refusals(complaints, 422), 1);
  await context.close();
});

test('an alert is sent where it says, once it triggers', async () => {
  const { page, context, complaints } = await begin('sent@example.com');
  await addWebhook(page, 'Desk');
  await page.goto('/');
  const [list, alerts] = [new ListPage(page), new AlertsPage(page)];
  await list.addByKeyboard('apple', 'AAPL');
  await list.row('AAPL').price.waitFor();
  await alerts.openByKey('AAPL');
  await alerts.condition.selectOption('above');
  await alerts.price.fill('0.01');
  await page.getByText('More', { exact: true }).click();
  await page.getByText('Pre-market and after hours too').click();
  await page.getByLabel('Desk').click();
  receiver.received = [];
  await alerts.set.click();
  await alerts.notices.waitFor();
  await until(() => receiver.received.length, (count) => count > 0);
  const { type, data } = JSON.parse(receiver.received[0].body);
  assert.deepEqual([type, data.symbol, data.mode], ['alert.triggered', 'AAPL', 'simulated']);
  quiet(complaints);
  await context.close();
});

test('the permission for push messages is asked on the click, and a no is understood', async () => {
  const { page, context, complaints } = await begin('push@example.com');
  const asked = () => page.evaluate(() => globalThis.asked ?? 0);
  await page.evaluate(() => {
    const real = Notification.requestPermission.bind(Notification);
    Notification.requestPermission = () => {
      globalThis.asked = (globalThis.asked ?? 0) + 1;
      return real();
    };
  });
  const button = page.getByRole('button', { name: 'Turn on notifications' });
  await button.waitFor();
  assert.equal(await asked(), 0, 'nobody is asked before');
  await button.click();
  // This browser answers for the person: without a permission that was given it says no.
  await page.getByText(/^Notifications are blocked for this page/).waitFor();
  assert.equal(await asked(), 1);
  await accessible(page);
  quiet(complaints);
  await context.close();
});

test('the page of a mailed link confirms nothing by itself, and an old link says so', async () => {
  const { page, context, complaints } = await browser.open(server.origin);
  const sent = [];
  page.on('request', (request) => request.url().endsWith('/destinations/confirm') && sent.push(request.postData()));
  await page.goto('/confirm-destination#token=no-such-token-0123456789');
  await page.getByRole('heading', { name: 'Confirm this address' }).waitFor();
  assert.equal(new URL(page.url()).hash, '', 'the token leaves the address bar');
  await accessible(page);
  assert.deepEqual(sent, []);
  await page.getByRole('button', { name: 'Confirm address' }).click();
  await page.getByRole('alert').filter({ hasText: /\w/ }).waitFor();
  assert.deepEqual(sent.map((body) => JSON.parse(body)), [{ token: 'no-such-token-0123456789' }]);
  assert.ok(complaints.length <= 1);
  await page.goto('/confirm-destination');
  await page.getByText('This link is not complete').waitFor();
  await context.close();
});
