// Takes the screenshots of docs/screenshots: each page, light and dark, on a phone and on a desk.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AuthPage } from './pages/auth_page.js';
import { ListPage } from './pages/list_page.js';
import { PalettePage } from './pages/palette_page.js';
import { Browser, DESKTOP, PHONE } from './support/browser.js';
import { Server } from './support/server.js';

const FOLDER = fileURLToPath(new URL('../../docs/screenshots/', import.meta.url));
const HOLDINGS = [
  ['apple', 'AAPL'], ['microsoft', 'MSFT'], ['nvidia', 'NVDA'], ['brkb', 'BRK.B'], ['jp morgan', 'JPM'],
  ['tesla', 'TSLA'], ['novo nordisk', 'NVO'], ['volv-b', 'VOLV-B.ST'], ['7203', '7203.T'], ['coca cola', 'KO'],
];

await mkdir(FOLDER, { recursive: true });
const server = await Server.start('--sim-interval-ms', '250');
const browser = await Browser.launch();
const [email, password] = ['ada@example.com', 'correct horse battery'];

const start = await browser.open(server.origin);
const list = new ListPage(start.page);
await new AuthPage(start.page).register(email, password);
for (const [query, symbol] of HOLDINGS) {
  await list.addByKeyboard(query, symbol);
}
await start.context.close();

for (const [size, viewport] of [['desktop', DESKTOP], ['phone', PHONE]]) {
  for (const colorScheme of ['light', 'dark']) {
    const { page, context } = await browser.open(server.origin, { viewport, colorScheme });
    const take = (name) => page.screenshot({ path: join(FOLDER, `${name}-${colorScheme}-${size}.png`) });
    await page.goto('/login');
    await page.getByLabel('E-mail address').waitFor();
    await take('login');
    await new AuthPage(page).logIn(email, password);
    const watched = new ListPage(page);
    await watched.row('AAPL').nextPrice();
    await watched.row('MSFT').nextPrice();
    await take('watchlist');
    const palette = new PalettePage(page);
    await palette.open();
    await palette.find('bank');
    await take('search');
    await page.goto('/nothing/here');
    await page.getByRole('heading').first().waitFor();
    await take('not-found');
    await context.close();
  }
}
await browser.close();
await server.stop();
