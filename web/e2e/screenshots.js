// Takes the screenshots of docs/screenshots: each page, light and dark, on a phone and on a desk.

import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AccountPage } from './pages/account_page.js';
import { AuthPage } from './pages/auth_page.js';
import { ListPage } from './pages/list_page.js';
import { PalettePage } from './pages/palette_page.js';
import { SecurityPage } from './pages/security_page.js';
import { Browser, DESKTOP, PHONE } from './support/browser.js';
import { Server } from './support/server.js';

const FOLDER = fileURLToPath(new URL('../../docs/screenshots/', import.meta.url));
const LIST = `symbol,section,flag,note
AAPL,,blue,
MSFT,,,Earnings in two weeks
NVDA,Semiconductors,green,
AVGO,Semiconductors,,
TSM,Semiconductors,,Wait for the dip
ASML,Semiconductors,orange,
JPM,Banks,,
BAC,Banks,,
BRK.B,Banks,,
KO,Staples,red,
WMT,Staples,,
`;
const [EMAIL, PASSWORD] = ['ada@example.com', 'correct horse battery'];

await rm(FOLDER, { recursive: true, force: true });
await mkdir(FOLDER, { recursive: true });
const server = await Server.start('--sim-interval-ms', '250');
const browser = await Browser.launch();

const start = await browser.open(server.origin);
await new AuthPage(start.page).register(EMAIL, PASSWORD);
const palette = new PalettePage(start.page);
await start.page.getByRole('heading', { name: 'Nothing on this list yet' }).waitFor();
await palette.drop('list.csv', LIST);
await palette.import.getByRole('button', { name: /^Add \d/ }).click();
await new ListPage(start.page).row('AAPL').nextPrice();
await start.context.close();

for (const [size, viewport] of [['desktop', DESKTOP], ['phone', PHONE]]) {
  for (const colorScheme of ['light', 'dark']) {
    const { page, context } = await browser.open(server.origin, { viewport, colorScheme });
    const [auth, list, search] = [new AuthPage(page), new ListPage(page), new PalettePage(page)];
    const [security, account] = [new SecurityPage(page), new AccountPage(page)];
    const take = (name) => page.screenshot({ path: join(FOLDER, `${name}-${colorScheme}-${size}.png`) });
    await page.goto('/login');
    await auth.email.waitFor();
    await take('login');
    await page.goto('/register');
    await auth.email.waitFor();
    await take('register');
    await page.goto('/reset');
    await auth.email.waitFor();
    await take('reset');
    await auth.logIn(EMAIL, PASSWORD);
    await list.row('AAPL').nextPrice();
    await list.row('NVDA').nextPrice();
    await page.locator('.spark-line').first().waitFor();
    await take('list');
    await search.open();
    await search.find('micro');
    await take('palette');
    await search.close();
    await page.locator('body').press('?');
    await search.shortcuts.waitFor();
    await take('shortcuts');
    await search.shortcuts.getByRole('button', { name: 'Close' }).click();
    await list.row('MSFT').element.press('e');
    await page.locator('dialog.editor').waitFor();
    await take('editor');
    await page.keyboard.press('Escape');
    await security.open('NVDA');
    await security.chart.locator('canvas').first().waitFor();
    await take('security');
    await page.keyboard.press('t');
    await security.table.waitFor();
    await take('security-table');
    await page.goto('/account');
    await account.sections.waitFor();
    await take('account');
    await account.open('Appearance');
    await take('appearance');
    await page.goto('/nothing/here');
    await page.getByRole('heading').first().waitFor();
    await take('not-found');
    await context.close();
  }
}
await browser.close();
await server.stop();
