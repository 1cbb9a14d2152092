// Nothing that was typed is lost without a question, and nothing that is lost is told as done.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuthPage } from '../pages/auth_page.js';
import { ListChanges, tokenOf, until } from '../pages/list_changes.js';
import { ListPage } from '../pages/list_page.js';
import { SecurityPage } from '../pages/security_page.js';
import { PASSWORD } from '../support/account.js';
import { Server } from '../support/server.js';
import { stage } from '../support/stage.js';

const { server, browser } = await stage('--sim-interval-ms', '200', '--anon-per-minute', '0');
const NOTE = 'half a thought';

// Somebody with two securities on a list. `asked` gathers the questions of the page, and `says` is what is answered.
async function somebody(name, origin = server.origin, options = {}) {
  const { page, context } = await browser.open(origin, options);
  const [auth, list, changes] = [new AuthPage(page), new ListPage(page), new ListChanges(page)];
  const token = tokenOf(page);
  const person = { page, context, auth, list, changes, token, email: `${name}@example.com`, asked: [], says: false };
  page.on('dialog', (dialog) => {
    person.asked.push(dialog.message());
    return person.says ? dialog.accept() : dialog.dismiss();
  });
  await auth.register(person.email, PASSWORD);
  for (const [query, symbol] of [['apple', 'AAPL'], ['microsoft', 'MSFT']]) await list.addByKeyboard(query, symbol);
  await changes.ready();
  return person;
}

const LEAVING = {
  Escape: ({ page }) => page.keyboard.press('Escape'),
  Cancel: ({ changes }) => changes.editor.getByRole('button', { name: 'Cancel' }).click(),
  Back: ({ page }) => page.evaluate(() => history.back()),
};

for (const [way, leave] of Object.entries(LEAVING)) {
  test(`${way} in a note that is being written asks, and keeps it unless it may go`, async () => {
    const person = await somebody(`note-${way}`);
    const { page, context, changes, asked } = person;
    // An entry of the history to go back to.
    await changes.newList('Other');
    await changes.tab('Watchlist').click();
    await changes.row('AAPL').waitFor();
    const address = page.url();
    await changes.edit('AAPL');
    await changes.note.fill(NOTE);
    await leave(person);
    await until(() => asked.length, (count) => count === 1);
    assert.equal(await changes.note.inputValue(), NOTE);
    assert.equal(page.url(), address);
    person.says = true;
    await leave(person);
    await changes.note.waitFor({ state: 'hidden' });
    assert.equal(asked.length, 2);
    await page.goto(address);
    await changes.ready();
    await changes.edit('AAPL');
    assert.equal(await changes.note.inputValue(), '', 'it was not saved either');
    await page.keyboard.press('Escape');
    await changes.note.waitFor({ state: 'hidden' });
    assert.equal(asked.length, 2, 'nothing written, nothing asked');
    await context.close();
  });
}

test("a note on a security's page is not left without a question, by Back or by a link", async () => {
  const person = await somebody('page');
  const { page, context, list, asked } = person;
  const security = new SecurityPage(page);
  await list.row('AAPL').element.locator('a.symbol').click();
  await security.note.fill(NOTE);
  await page.evaluate(() => history.back());
  await until(() => asked.length, (count) => count === 1);
  await security.back.click();
  await until(() => asked.length, (count) => count === 2);
  assert.equal(await security.note.inputValue(), NOTE);
  await security.save.click();
  await new ListChanges(page).says('Saved');
  await security.back.click();
  await list.row('AAPL').element.waitFor();
  assert.equal(asked.length, 2, 'what is saved is not asked about');
  await context.close();
});

test('a note that is saved while the server restarts waits for it', async (t) => {
  const own = await Server.start('--sim-interval-ms', '200');
  t.after(() => own.stop());
  const { page, context, changes, token } = await somebody('restart', own.origin, { timed: true });
  const bearer = await token;
  await changes.edit('AAPL');
  await changes.note.fill(NOTE);
  await own.kill();
  await changes.save();
  await page.clock.fastForward(5_000);
  await page.getByText('1 change waits.').waitFor();
  assert.equal(await changes.toasts.getByText('could not be').count(), 0, 'nothing is told as failed');
  await own.restart();
  await page.clock.fastForward(5_000);
  const noted = (items) => items.find(({ symbol }) => symbol === 'AAPL')?.note === NOTE;
  await until(() => changes.held(bearer), noted);
  await changes.row('AAPL').getByText('Has a note').waitFor({ state: 'attached' });
  await context.close();
});

test('changes that wait when the session is revoked wait for the person, and are told as such', async () => {
  const { page, context, auth, list, changes, token, email } = await somebody('revoked');
  const bearer = await token;
  await context.setOffline(true);
  await list.isLinked('offline');
  await list.row('MSFT').element.press('Delete');
  await page.getByText('1 change waits.').waitFor();
  const answer = await fetch(`${server.origin}/api/v1/auth/logout-all`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}` },
  });
  assert.equal(answer.status, 204);
  await context.setOffline(false);
  await page.getByText('What was not saved waits here for you.').waitFor();
  assert.equal(await page.getByText('MSFT').count(), 0, 'nothing is told as done');
  await auth.email.fill(email);
  await auth.password.fill(PASSWORD);
  const renewed = tokenOf(page);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await list.showsRows('AAPL');
  await until(async () => changes.held(await renewed), (items) => items.map(({ symbol }) => symbol).join() === 'AAPL');
  await context.close();
});

test('a note that is being written when the session ends elsewhere is offered to its author again', async () => {
  const { page, context, auth, changes, token, email } = await somebody('elsewhere');
  await changes.edit('AAPL');
  await changes.note.fill(NOTE);
  await fetch(`${server.origin}/api/v1/auth/logout-all`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await token}` },
  });
  await page.getByText('What was not saved waits here for you.').waitFor();
  await auth.email.fill(email);
  await auth.password.fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await changes.row('AAPL').waitFor();
  await page.getByRole('button', { name: 'Go on writing' }).click();
  await changes.note.waitFor();
  assert.equal(await changes.note.inputValue(), NOTE);
  await context.close();
});

test('a key that is pressed while the tools are loaded is not lost', async () => {
  const { page, context } = await browser.open(server.origin, { serviceWorkers: 'block' });
  const [list, changes] = [new ListPage(page), new ListChanges(page)];
  await new AuthPage(page).register('early@example.com', PASSWORD);
  await list.addByKeyboard('apple', 'AAPL');
  let release;
  const released = new Promise((resolve) => (release = resolve));
  await page.route(/split_tools/, async (route) => {
    await released;
    await route.continue();
  });
  await page.reload();
  await list.row('AAPL').element.waitFor();
  const asked = page.waitForRequest(/split_tools/);
  await list.row('AAPL').element.focus();
  await asked;
  await page.keyboard.press('e');
  assert.equal(await changes.editor.count(), 0);
  release();
  await changes.note.waitFor();
  await context.close();
});
