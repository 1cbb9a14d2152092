// Push messages while the app may be closed: the service worker shows a notification, and a click on it opens the
// security. The browser delivers the message itself, as from a push service whose message it has decrypted.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuthPage } from '../pages/auth_page.js';
import { until } from '../pages/list_changes.js';
import { ListPage } from '../pages/list_page.js';
import { PASSWORD } from '../support/account.js';
import { Account } from '../support/api.js';
import { PushService } from '../support/push_service.js';
import { stage } from '../support/stage.js';

const { server, browser } = await stage('--sim-interval-ms', '500', '--anon-per-minute', '0', '--notify-allow', '127.0.0.1');

// Somebody signed in, with the service worker at work and notifications allowed.
async function begin(email) {
  const { page, context } = await browser.open(server.origin);
  await context.grantPermissions(['notifications'], { origin: server.origin });
  await new AuthPage(page).register(email, PASSWORD);
  await new ListPage(page).search.waitFor();
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');
  const client = await context.newCDPSession(page);
  // Before its version is known to be at work, the browser drops what is delivered.
  const registration = new Promise((resolve) => {
    client.on('ServiceWorker.workerVersionUpdated', ({ versions }) => {
      const own = versions.find(({ scriptURL, status }) => scriptURL.startsWith(server.origin) && status === 'activated');
      if (own) resolve(own.registrationId);
    });
  });
  await client.send('ServiceWorker.enable');
  const registrationId = await registration;
  const worker = () => context.serviceWorkers().find((worker) => worker.url().startsWith(server.origin));
  if (!worker()) await context.waitForEvent('serviceworker');
  // Ends once the notification is shown: who asks for the notifications meanwhile makes the browser forget the one that it
  // has noted and not yet displayed.
  const deliver = async (data) => {
    await worker().evaluate(() => {
      const show = registration.showNotification;
      globalThis.displayed = new Promise((resolve, reject) => {
        registration.showNotification = (...said) => {
          delete registration.showNotification;
          const shown = show.apply(registration, said);
          shown.then(resolve, reject);
          return shown;
        };
      });
    });
    await client.send('ServiceWorker.deliverPushMessage', { origin: server.origin, registrationId, data });
    await worker().evaluate(() => displayed);
  };
  const shown = () =>
    page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      const notifications = await registration.getNotifications();
      return notifications.map(({ title, body, tag, data }) => ({ title, body, tag, data }));
    });
  return { page, context, deliver, shown, worker };
}

test('a message is a notification, and the same event is one', async () => {
  const { context, deliver, shown } = await begin('push@example.com');
  const message = {
    title: 'AAPL',
    body: 'AAPL rose above 200.00: 200.31 (simulated), 14:32:10 UTC',
    url: '/securities/AAPL',
    event_id: 'evt_01kaq2f8s5e8rvm0r2j5c4n6xt',
  };
  await deliver(JSON.stringify(message));
  await deliver(JSON.stringify(message));
  const [first, ...more] = await shown();
  assert.deepEqual(first, { title: message.title, body: message.body, tag: message.event_id, data: { url: message.url } });
  assert.deepEqual(more, []);
  // A message that says nothing is one all the same: the browser wants it so.
  await deliver('not JSON');
  assert.ok((await shown()).some(({ title }) => title === 'Watchtape'));
  await context.close();
});

test('a click opens the security in the tab that is there, and never another site', async () => {
  const { page, context, deliver, shown, worker } = await begin('click@example.com');
  const click = (title) =>
    worker().evaluate(async (title) => {
      const notification = (await registration.getNotifications()).find((one) => one.title === title);
      dispatchEvent(new NotificationEvent('notificationclick', { notification }));
    }, title);
  await deliver(JSON.stringify({ title: 'MSFT', body: '', url: '/securities/MSFT', event_id: 'evt_1' }));
  assert.equal((await shown()).length, 1);
  await click('MSFT');
  await page.waitForURL('**/securities/MSFT');
  await until(shown, (all) => all.length === 0);

  await deliver(JSON.stringify({ title: 'Elsewhere', body: '', url: 'https://elsewhere.example/', event_id: 'evt_2' }));
  assert.equal((await shown()).length, 1);
  await click('Elsewhere');
  await page.waitForURL((url) => url.origin === server.origin && url.pathname !== '/securities/MSFT');
  await context.close();
});

test('what an alert has seen goes by a push service to the browser', async (t) => {
  const service = await PushService.start();
  t.after(() => service.stop());
  const account = await Account.register(server.origin, 'by-service@example.com', PASSWORD);
  const { id } = await account.post('/me/destinations', { type: 'web_push', ...service.subscription });
  const condition = { type: 'above', price: '0.01' };
  const alert = await account.post('/alerts', { symbol: 'AAPL', condition, destinations: [id] });
  const { text, headers, sender } = await service.next();
  assert.equal(sender, (await account.get('/me/push-key')).public_key);
  assert.deepEqual([headers['content-encoding'], headers.urgency], ['aes128gcm', 'high']);
  const { items: events } = await account.get('/alert-events');
  const { event_id: event, url } = JSON.parse(text);
  assert.deepEqual([events[0].alert_id, events[0].id, url], [alert.id, event, '/securities/AAPL']);
  // From here on the message is the browser's.
  const { context, deliver, shown } = await begin('push-browser@example.com');
  await deliver(text);
  const [notification] = await shown();
  assert.deepEqual([notification.tag, notification.title], [event, JSON.parse(text).title]);
  await context.close();
});
