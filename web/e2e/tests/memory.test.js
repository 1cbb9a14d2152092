// What an app holds that is open for weeks: as much after a hundred rounds as after a few.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuthPage } from '../pages/auth_page.js';
import { ListPage } from '../pages/list_page.js';
import { PASSWORD } from '../support/account.js';
import { Account, symbols } from '../support/api.js';
import { DESKTOP, quiet } from '../support/browser.js';
import { held } from '../support/memory.js';
import { Rounds } from '../support/rounds.js';
import { stage } from '../support/stage.js';

const { server, browser } = await stage('--sim-interval-ms', '1000', '--api-per-minute', '0', '--anon-per-minute', '0');

// The memory grows by pages of 64 KiB. What is left behind in a hundred rounds is many of them; a table of the allocator,
// or one that doubles when its time comes, is a few.
const FEW = 4 * 65_536;
const [FIRST, ROUNDS] = [40, 100];

const DONE = [
  ['scrolling through a list', 'scroll', 60],
  ['going to another list', 'change', 60],
  ['opening a security and coming back', 'visit', 5],
];

for (const [what, round, rows] of DONE) {
  test(`${what} a hundred times leaves nothing behind`, async () => {
    const email = `${round}@example.com`;
    const account = await Account.register(server.origin, email, PASSWORD);
    const csv = `symbol\n${(await symbols(rows)).join('\n')}\n`;
    const { id } = await account.post('/watchlists', { name: 'Other' });
    const ids = [await account.fill(csv), id];
    await account.fill(csv, id);
    const { page, context, complaints } = await browser.open(server.origin, { viewport: DESKTOP });
    await new AuthPage(page).logIn(email, PASSWORD);
    await new ListPage(page).rows.first().waitFor();
    const rounds = new Rounds(page, ids);
    for (let turn = 0; turn < FIRST; turn += 1) await rounds[round]();
    const before = await held(page);
    for (let turn = 0; turn < ROUNDS; turn += 1) await rounds[round]();
    const after = await held(page);
    assert.ok(after.wasm - before.wasm <= FEW, `the app's memory: ${before.wasm}, then ${after.wasm} bytes`);
    assert.ok(after.listeners - before.listeners < ROUNDS, `${before.listeners}, then ${after.listeners} listeners`);
    assert.ok(after.nodes - before.nodes < 20 * ROUNDS, `${before.nodes}, then ${after.nodes} nodes`);
    quiet(complaints);
    await context.close();
  });
}
