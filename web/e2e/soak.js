// Uses the app as somebody does who has it open all day: ten steps a second on lists of 300 rows, scrolling most of them,
// then another list, a security and back. Prints what the page holds as time goes by, and asserts nothing.
// SOAK_SECONDS=3600 for the hour.

import { AuthPage } from './pages/auth_page.js';
import { ListPage } from './pages/list_page.js';
import { Account, symbols } from './support/api.js';
import { Browser, DESKTOP } from './support/browser.js';
import { held } from './support/memory.js';
import { Rounds } from './support/rounds.js';
import { Server } from './support/server.js';

const SECONDS = Number(process.env.SOAK_SECONDS ?? 120);
const [ROWS, LISTS, STEP_MS, LINES] = [300, 3, 100, 12];
const PASSWORD = 'correct horse battery';
const kilobytes = (bytes) => `${Math.round(bytes / 1024)} KiB`;
const row = (...cells) => console.log(cells.map((cell) => String(cell).padStart(14)).join(''));

const server = await Server.start('--sim-interval-ms', '500', '--api-per-minute', '0', '--anon-per-minute', '0');
const email = 'soak@example.com';
const ids = await filled(await Account.register(server.origin, email, PASSWORD));
const browser = await Browser.launch();
const { page } = await browser.open(server.origin, { viewport: DESKTOP });
await new AuthPage(page).logIn(email, PASSWORD);
await new ListPage(page).rows.first().waitFor();
const rounds = new Rounds(page, ids);

row('seconds', 'steps', 'wasm', 'script heap', 'nodes', 'listeners');
const began = Date.now();
let [steps, told] = [0, 0];
for (;;) {
  const passed = (Date.now() - began) / 1000;
  if (passed >= (told * SECONDS) / LINES) {
    const { wasm, script, nodes, listeners } = await held(page);
    row(passed.toFixed(0), steps, kilobytes(wasm), kilobytes(script), nodes, listeners);
    told += 1;
  }
  if (passed >= SECONDS) break;
  const due = began + steps * STEP_MS;
  await page.waitForTimeout(Math.max(0, due - Date.now()));
  await step(steps % 30);
  steps += 1;
}
await browser.close();
await server.stop();

// Of thirty steps one is another list, one a security and back, and the others scroll.
async function step(turn) {
  if (turn === 10) {
    await rounds.change();
  } else if (turn === 20) {
    await rounds.visit();
  } else {
    await page.mouse.wheel(0, turn < 15 ? 900 : -900);
  }
}

async function filled(account) {
  const csv = async (from) => `symbol\n${(await symbols(from + ROWS)).slice(from).join('\n')}\n`;
  const all = [await account.fill(await csv(0))];
  while (all.length < LISTS) {
    const { id } = await account.post('/watchlists', { name: `List ${all.length + 1}` });
    all.push(id);
    await account.fill(await csv(all.length * ROWS), id);
  }
  return all;
}
