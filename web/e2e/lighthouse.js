// What Lighthouse says of the list's page, as a phone and as a desk see it. Prints a table, names what costs points, and
// asserts nothing.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import lighthouse, { desktopConfig } from 'lighthouse';
import { chromium } from 'playwright-core';
import { AuthPage } from './pages/auth_page.js';
import { ListPage } from './pages/list_page.js';
import { FLAGS } from './support/browser.js';
import { freePort, Server } from './support/server.js';

const CATEGORIES = ['performance', 'accessibility', 'best-practices'];
const server = await Server.start();
const folder = await mkdtemp(join(tmpdir(), 'watchtape-lighthouse-'));
const port = await freePort();
// Lighthouse opens a tab of its own, which must find the session's cookie: one profile for both.
const context = await chromium.launchPersistentContext(folder, {
  executablePath: process.env.CHROMIUM,
  headless: true,
  baseURL: server.origin,
  args: [...FLAGS, `--remote-debugging-port=${port}`],
});
const page = await context.newPage();
const list = new ListPage(page);
await new AuthPage(page).register('person@example.com', 'correct horse battery');
for (const [query, symbol] of [['apple', 'AAPL'], ['microsoft', 'MSFT'], ['nvidia', 'NVDA'], ['coca cola', 'KO']]) {
  await list.addByKeyboard(query, symbol);
}
const url = page.url();
await page.close();

for (const [name, config] of [['phone', undefined], ['desktop', desktopConfig]]) {
  const options = { port, onlyCategories: CATEGORIES, disableStorageReset: true, logLevel: 'error' };
  const { lhr } = await lighthouse(url, options, config);
  if (lhr.finalDisplayedUrl !== url) throw new Error(`Lighthouse was led to ${lhr.finalDisplayedUrl}`);
  for (const { title, score, auditRefs } of Object.values(lhr.categories)) {
    console.log(`${name}, ${title}`.padEnd(58), String(Math.round(score * 100)).padStart(28));
    const lost = auditRefs.filter(({ id, weight }) => weight > 0 && lhr.audits[id].score !== null && lhr.audits[id].score < 0.9);
    for (const { id } of lost) {
      console.log(`    ${lhr.audits[id].title}: ${lhr.audits[id].displayValue ?? lhr.audits[id].score}`);
    }
  }
}
await context.close();
await server.stop();
await rm(folder, { recursive: true, force: true });
