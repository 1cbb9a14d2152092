// Measures the first visit and the way to the first price, in Chromium. Prints a table and asserts nothing.

import { AuthPage } from './pages/auth_page.js';
import { ListPage } from './pages/list_page.js';
import { Browser } from './support/browser.js';
import { Server } from './support/server.js';

const row = (what, figure) => console.log(`${what.padEnd(58)} ${figure.padStart(28)}`);

const server = await Server.start();
const browser = await Browser.launch();
const first = await browser.open(server.origin, { serviceWorkers: 'block' });
const client = await first.context.newCDPSession(first.page);
await client.send('Network.enable');
let transferred = 0;
client.on('Network.loadingFinished', ({ encodedDataLength }) => {
  transferred += encodedDataLength;
});
const [auth, list] = [new AuthPage(first.page), new ListPage(first.page)];
await first.page.goto('/', { waitUntil: 'networkidle' });
await auth.password.waitFor();
// The sign-in page comes in a part of its own, which may still be on its way out of the service worker.
await first.page.waitForLoadState('networkidle');
await first.page.waitForTimeout(1000);
row('first visit, headers and all', `${(transferred / 1000).toFixed(1)} kB`);
await auth.register('person@example.com', 'correct horse battery');
await list.search.waitFor();
await list.addByKeyboard('apple', 'AAPL');
await list.row('AAPL').price.waitFor();
await first.context.close();

const times = [];
for (let count = 0; count < 5; count += 1) {
  const { page, context } = await browser.open(server.origin);
  const again = new AuthPage(page);
  await page.goto('/login');
  await again.email.fill('person@example.com');
  await again.password.fill('correct horse battery');
  const clicked = Date.now();
  await page.getByRole('button', { name: 'Sign in' }).click();
  await new ListPage(page).row('AAPL').price.waitFor();
  times.push(Date.now() - clicked);
  await context.close();
}
times.sort((a, b) => a - b);
row('first price on the screen after the click on "Sign in"', `median ${times[2]} ms, worst ${times[4]} ms`);
await browser.close();
await server.stop();
