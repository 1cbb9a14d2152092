// What an alert's trigger looks like in the app: a notice at once, a summary after a return, a count that stays until
// somebody has looked. The triggers are the server's own, on the simulated market.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AlertsPage } from '../pages/alerts_page.js';
import { AuthPage } from '../pages/auth_page.js';
import { until } from '../pages/list_changes.js';
import { ListPage } from '../pages/list_page.js';
import { PASSWORD } from '../support/account.js';
import { Account } from '../support/api.js';
import { accessible } from '../support/axe.js';
import { PHONE, quiet } from '../support/browser.js';
import { Gate } from '../support/gate.js';
import { Server, freePort } from '../support/server.js';
import { stage } from '../support/stage.js';

const { server, browser } = await stage('--sim-interval-ms', '200', '--anon-per-minute', '0');

async function account(email, origin = server.origin) {
  const account = await Account.register(origin, email, PASSWORD);
  await account.fill('symbol\nAAPL\nMSFT\nTSLA\nNVDA\nAMZN\n');
  return account;
}

// An alert that the next price triggers: below what anything costs. Whichever hours the exchange has.
function due(symbol) {
  return { symbol, condition: { type: 'above', price: '0.01' }, session: 'extended' };
}

// Waits until so many have triggered, as the server says.
async function triggered(account, count) {
  return until(async () => (await account.get('/alert-events')).items, (events) => events.length === count);
}

// Waits until the title of the page is this.
async function titled(page, pattern) {
  await until(() => page.title(), (title) => pattern.test(title));
}

async function begin(email, options = {}, origin = server.origin) {
  const opened = await browser.open(origin, options);
  const { page } = opened;
  // What is told to the app's icon, as well as to the browser.
  await page.addInitScript(() => {
    globalThis.badges = [];
    for (const name of ['setAppBadge', 'clearAppBadge']) {
      const real = Navigator.prototype[name];
      Navigator.prototype[name] = function (count = 0) {
        globalThis.badges.push(count);
        return real.apply(this, arguments);
      };
    }
  });
  const [list, alerts] = [new ListPage(page), new AlertsPage(page)];
  await new AuthPage(page).logInAnywhere(email, PASSWORD);
  await list.row('AAPL').nextPrice();
  await list.isLinked('connected');
  return { ...opened, list, alerts };
}

test('a trigger is told at once, politely, with a way to its security, and counted until it was seen', async () => {
  const person = await account('notice@example.com');
  const { page, context, complaints, alerts, list } = await begin('notice@example.com');
  const name = await page.title();
  await person.post('/alerts', due('AAPL'));
  await alerts.notices.waitFor();
  const text = await alerts.notices.locator('.toast-text').textContent();
  assert.match(text, /^AAPL is at 0\.01 or above: [\d,.]+, \d\d:\d\d.* \(simulated\)$/);
  assert.equal(await alerts.notices.getAttribute('role'), 'status');
  await titled(page, /^\(1\) /);
  await page.getByRole('link', { name: 'Alerts, 1 new' }).waitFor();
  assert.equal(await page.evaluate(() => globalThis.badges.at(-1)), 1);
  await accessible(page);
  assert.equal(await list.sideways(), 0);
  await alerts.notices.getByRole('link', { name: 'Open AAPL' }).click();
  await page.waitForURL('**/securities/AAPL');
  await alerts.notices.waitFor({ state: 'detached' });
  await titled(page, /^AAPL – Watchtape$/);
  assert.equal(await page.evaluate(() => globalThis.badges.at(-1)), 0);
  assert.notEqual(name, '');

  // It is in the history, and no longer among those that are watched for.
  await alerts.open('History');
  await alerts.events.getByText('AAPL is at 0.01 or above').waitFor();
  await alerts.show('Triggered');
  await alerts.shows(1);
  await alerts.show('Active');
  await alerts.shows(0);
  quiet(complaints);
  await context.close();
});

test('many triggers at once are one notice, and the page of alerts has them all', async () => {
  const person = await account('many@example.com');
  const { page, context, complaints, alerts, list } = await begin('many@example.com', { viewport: PHONE });
  await person.post('/alerts/bulk', { create: ['AAPL', 'MSFT', 'TSLA', 'NVDA', 'AMZN'].map(due) });
  await alerts.notices.getByText(/^5 alerts have triggered: /).waitFor();
  assert.equal(await alerts.notices.count(), 1);
  assert.match(await alerts.notices.locator('.toast-text').textContent(), /and 2 more$/);
  await titled(page, /^\(5\) /);
  assert.equal(await list.sideways(), 0);
  await accessible(page);
  await alerts.notices.getByRole('link', { name: 'See alerts' }).click();
  await page.waitForURL('**/alerts');
  await alerts.show('History');
  await until(() => alerts.events.count(), (count) => count === 5);
  await titled(page, /^Alerts – Watchtape$/);
  await accessible(page);
  assert.equal(await list.sideways(), 0);
  quiet(complaints);
  await context.close();
});

test('whoever comes back is told once what triggered while they were away', async () => {
  const email = 'away@example.com';
  const person = await account(email);
  const { page, context, complaints, alerts, list } = await begin(email);
  // Nothing was there before: what comes from now on is new.
  await page.waitForFunction(() => localStorage['watchtape.alerts']);
  await page.goto('about:blank');
  await person.post('/alerts/bulk', { create: [due('MSFT'), due('TSLA')] });
  await triggered(person, 2);

  await page.goto('/');
  await alerts.notices.getByText(/^While you were away, 2 alerts triggered: (MSFT, TSLA|TSLA, MSFT)$/).waitFor();
  await titled(page, /^\(2\) /);
  await accessible(page);
  // Not again after a reload, but the count stays until somebody has looked.
  await page.reload();
  await list.row('AAPL').nextPrice();
  await titled(page, /^\(2\) /);
  assert.equal(await alerts.notices.count(), 0);
  await page.getByRole('link', { name: 'Alerts, 2 new' }).click();
  await until(() => alerts.events.count(), (count) => count === 2);
  assert.equal(await page.locator('.alerts-new').count(), 2, 'the page says which are new');
  await titled(page, /^Alerts – Watchtape$/);
  await page.reload();
  await titled(page, /^Alerts – Watchtape$/);

  // Another device tells nothing of what was before it.
  const other = await begin(email);
  await other.page.waitForFunction(() => localStorage['watchtape.alerts']);
  assert.equal(await other.alerts.notices.count(), 0);
  assert.doesNotMatch(await other.page.title(), /^\(/);
  quiet(complaints);
  await other.context.close();
  await context.close();
});

test('what triggered while the connection was gone is told when it is back', async (t) => {
  const gate = await Gate.open(await freePort());
  const own = await Server.start('--public-origin', gate.origin, '--sim-interval-ms', '200', '--anon-per-minute', '0');
  gate.leadTo(own.origin);
  t.after(async () => Promise.all([gate.close(), own.stop()]));
  const email = 'gone@example.com';
  const person = await account(email, own.origin);
  const { page, context, alerts, list } = await begin(email, {}, gate.origin);
  await page.waitForFunction(() => localStorage['watchtape.alerts']);
  gate.cut();
  await list.isLinked('reconnecting');
  await person.post('/alerts', due('NVDA'));
  await triggered(person, 1);
  gate.leadTo(own.origin);
  await alerts.notices.getByText(/^While you were away: NVDA is at 0\.01 or above: /).waitFor();
  await titled(page, /^\(1\) /);
  await context.close();
});

test('nothing of one person’s alerts is left for the next', async () => {
  const person = await account('leaves@example.com');
  const { page, context, complaints, alerts, list } = await begin('leaves@example.com');
  await person.post('/alerts', due('AAPL'));
  await alerts.notices.waitFor();
  await list.logOut();
  await page.getByLabel('E-mail address').waitFor();
  assert.equal(await alerts.notices.count(), 0);
  assert.doesNotMatch(await page.title(), /^\(/);
  assert.equal(await page.evaluate(() => localStorage['watchtape.alerts']), undefined);
  assert.equal(await page.evaluate(() => globalThis.badges.at(-1)), 0);
  quiet(complaints);
  await context.close();
});

test('a notice is in the language of the page', async () => {
  const person = await account('meldung@example.com');
  const { page, context, complaints, alerts } = await begin('meldung@example.com', { locale: 'de-DE' });
  await person.post('/alerts', due('AAPL'));
  await alerts.notices.getByText(/^AAPL steht bei 0,01 oder höher: [\d.,]+, \d\d:\d\d \(simuliert\)$/).waitFor();
  await alerts.notices.getByRole('link', { name: 'AAPL öffnen' }).click();
  await page.waitForURL('**/securities/AAPL');
  quiet(complaints);
  await context.close();
});
