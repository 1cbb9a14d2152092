// Measures the list under a flood of prices, by Chromium's own tracing: 2,000 rows, 5,000 updates a second, a minute.
// Prints a table and asserts nothing. FIREHOSE_SECONDS=10 for a short run.

import { AuthPage } from './pages/auth_page.js';
import { ListPage } from './pages/list_page.js';
import { Browser, DESKTOP } from './support/browser.js';
import { Firehose } from './support/firehose.js';
import { held } from './support/memory.js';
import { Server } from './support/server.js';
import { CATEGORIES, read } from './support/trace.js';

const SECONDS = Number(process.env.FIREHOSE_SECONDS ?? 60);
const [ROWS, PER_SECOND] = [2000, 5000];
const row = (what, figure) => console.log(`${what.padEnd(58)} ${figure.padStart(28)}`);
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

const server = await Server.start();
const hose = await Firehose.start(server.origin, { rows: ROWS, perSecond: PER_SECOND });
const browser = await Browser.launch();
const { page } = await browser.open(hose.origin, { viewport: DESKTOP });
const [auth, list] = [new AuthPage(page), new ListPage(page)];
await auth.register('person@example.com', 'correct horse battery');
await list.rows.first().waitFor();

// What is allocated once, when the first flood arrives, is not growth.
await page.waitForTimeout(5000);
const before = await held(page);
const [began, sentBefore] = [Date.now(), hose.sent];
await browser.trace(page, CATEGORIES);
let most = 0;
const count = async () => {
  most = Math.max(most, await list.rows.count());
};
for (let second = 0; second < SECONDS; second += 1) {
  // A third of the time somebody scrolls.
  if (second % 3 === 2) await page.mouse.wheel(0, second % 2 ? 900 : -700);
  await page.waitForTimeout(1000);
  await count();
}
const [sent, took] = [hose.sent - sentBefore, (Date.now() - began) / 1000];
const trace = read(await browser.traced());
const after = await held(page);

row(`${ROWS} rows, ${Math.round(sent / took)} updates a second`, `${trace.seconds.toFixed(0)} s`);
row('tasks of the main thread over 50 ms', `${trace.over50} of ${trace.tasks}`);
row('longest task', `${trace.longest.toFixed(1)} ms`);
row('script a frame, median', `${trace.scripting.median.toFixed(2)} ms`);
row('script a frame, p95 and worst', `${trace.scripting.p95.toFixed(2)}, ${trace.scripting.worst.toFixed(1)} ms`);
row('animation frames a second', (trace.frames / trace.seconds).toFixed(1));
row('rows in the page at most', String(most));
row('script heap, before and after', `${megabytes(before.script)}, ${megabytes(after.script)}`);
row('wasm memory, before and after', `${megabytes(before.wasm)}, ${megabytes(after.wasm)}`);
await browser.close();
await Promise.all([hose.stop(), server.stop()]);
