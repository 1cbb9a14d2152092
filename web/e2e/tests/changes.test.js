// Everything that is done to lists: undone and done again, chosen, dragged, edited, on several devices, without a network.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuthPage } from '../pages/auth_page.js';
import { ListChanges, tokenOf, until } from '../pages/list_changes.js';
import { ListPage } from '../pages/list_page.js';
import { PASSWORD } from '../support/account.js';
import { accessible } from '../support/axe.js';
import { LOOKS, PHONE, quiet } from '../support/browser.js';
import { stage } from '../support/stage.js';

const SYMBOLS = ['AAPL', 'MSFT', 'NVDA', 'TSLA', 'AMZN'];
const { server, browser } = await stage('--sim-interval-ms', '500');

// Somebody new, with a list of five.
async function begin(email, options) {
  const opened = await browser.open(server.origin, options);
  const { page } = opened;
  // A price that flashes has, for a moment, colours of its own.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const token = tokenOf(page);
  const [list, changes] = [new ListPage(page), new ListChanges(page)];
  await new AuthPage(page).register(email, PASSWORD);
  await list.search.waitFor();
  await page.waitForURL('**/lists/*');
  const id = page.url();
  const headers = { authorization: `Bearer ${await token}` };
  const items = SYMBOLS.map((symbol) => ({ symbol }));
  const answer = await page.request.post(`/api/v1/watchlists/${id.split('/').pop()}/items/bulk`, { headers, data: { items } });
  assert.equal(answer.status(), 200);
  await list.showsRows(...SYMBOLS);
  await changes.ready();
  return { ...opened, list, changes, held: async () => changes.held(await token) };
}

async function second(email) {
  const opened = await browser.open(server.origin);
  const [list, changes] = [new ListPage(opened.page), new ListChanges(opened.page)];
  await new AuthPage(opened.page).logIn(email, PASSWORD);
  await list.showsRows(...SYMBOLS);
  await changes.ready();
  return { ...opened, list, changes };
}

test('every change is taken back and done again', async () => {
  const { page, context, complaints, list, changes, held } = await begin('undo@example.com');
  await changes.row('NVDA').press('Delete');
  await list.showsRows('AAPL', 'MSFT', 'TSLA', 'AMZN');
  await changes.row('AMZN').press('Alt+ArrowUp');
  await list.showsRows('AAPL', 'MSFT', 'AMZN', 'TSLA');
  await changes.row('AAPL').press('2');
  await changes.says('AAPL changed.');
  await changes.edit('MSFT');
  await changes.note.fill('Earnings\nin January');
  await changes.section.fill('Software');
  await changes.save();
  await until(held, (items) => items.find(({ symbol }) => symbol === 'MSFT').note === 'Earnings\nin January');
  const after = await held();
  assert.equal(after.find(({ symbol }) => symbol === 'AAPL').flag, 'orange');
  assert.equal(after.find(({ symbol }) => symbol === 'MSFT').section, 'Software');

  for (let count = 0; count < 5; count += 1) await changes.undoByKey();
  await list.showsRows(...SYMBOLS);
  await until(held, (items) => items.map(({ symbol }) => symbol).join() === SYMBOLS.join() && items.every(({ note, flag, section }) => !note && !flag && !section));
  for (let count = 0; count < 5; count += 1) await changes.redoByKey();
  await until(held, (items) => JSON.stringify(items.map(told)) === JSON.stringify(after.map(told)));
  await page.reload();
  await list.showsRows(...after.map(({ symbol }) => symbol));
  quiet(complaints);
  await context.close();
});

function told({ symbol, note, flag, section }) {
  return { symbol, note, flag, section };
}

for (const [name, options] of LOOKS) {
  test(`rows are chosen by key and mouse, and what is chosen is moved, flagged and removed at once (${name})`, async () => {
    const { page, context, complaints, list, changes, held } = await begin(`${name.replaceAll(/\W+/g, '-')}@example.com`, options);
    const first = page.url();
    await changes.newList('Later');
    await page.goto(first);
    await list.showsRows(...SYMBOLS);
    await changes.ready();

    await changes.row('MSFT').press('x');
    await changes.row('MSFT').press('Shift+ArrowDown');
    await changes.bar.getByText('2 selected').waitFor();
    assert.equal(await changes.row('NVDA').getAttribute('aria-selected'), 'true');
    await changes.row('AMZN').locator('.name').click({ modifiers: ['Control'] });
    await changes.bar.getByText('3 selected').waitFor();
    assert.equal(await list.sideways(), 0);
    await accessible(page);

    await changes.bar.getByLabel('Flag…').selectOption('blue');
    await until(held, (items) => items.filter(({ flag }) => flag === 'blue').length === 3);
    await changes.bar.getByLabel('Move to…').selectOption({ label: 'Later' });
    await list.showsRows('AAPL', 'TSLA');
    await changes.says('3 securities moved to “Later”.');
    await until(held, (items) => items.length === 2);
    await list.undo.last().click();
    await list.showsRows(...SYMBOLS);
    await until(held, (items) => items.filter(({ flag }) => flag === 'blue').length === 3);
    await changes.tab('Later').click();
    await list.showsRows();
    await page.goto(first);
    await list.showsRows(...SYMBOLS);
    await changes.ready();

    await changes.row('AAPL').press('Control+a');
    await changes.bar.getByText('5 selected').waitFor();
    await changes.row('AAPL').press('Escape');
    await changes.bar.waitFor({ state: 'detached' });
    await changes.row('TSLA').press('x');
    await changes.row('AMZN').press('x');
    await changes.row('AMZN').press('Delete');
    await list.showsRows('AAPL', 'MSFT', 'NVDA');
    await changes.undoByKey();
    await list.showsRows(...SYMBOLS);
    await until(held, (items) => items.map(({ symbol }) => symbol).join() === SYMBOLS.join());
    quiet(complaints);
    await context.close();
  });
}

test('a finger that rests on a row chooses it, and a tap another one', async () => {
  const { context, complaints, changes, page } = await begin('touch@example.com', { viewport: PHONE });
  await changes.row('MSFT').locator('.name').evaluate((element) => {
    const { x, y } = element.getBoundingClientRect();
    const at = { bubbles: true, cancelable: true, pointerType: 'touch', isPrimary: true, clientX: x + 5, clientY: y + 5 };
    element.dispatchEvent(new PointerEvent('pointerdown', at));
  });
  await changes.bar.getByText('1 selected').waitFor();
  await changes.row('MSFT').locator('.name').evaluate((element) => {
    element.dispatchEvent(new PointerEvent('pointerup', { bubbles: true, pointerType: 'touch' }));
    element.dispatchEvent(new PointerEvent('click', { bubbles: true, cancelable: true, pointerType: 'touch' }));
  });
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
  await changes.row('TSLA').locator('.name').evaluate((element) => {
    element.dispatchEvent(new PointerEvent('click', { bubbles: true, cancelable: true, pointerType: 'touch' }));
  });
  await changes.bar.getByText('2 selected').waitFor();
  await accessible(page);
  quiet(complaints);
  await context.close();
});

test('a row is dragged by its handle, and all chosen ones with it', async () => {
  const { context, complaints, list, changes, held } = await begin('drag@example.com');
  await changes.drag('AAPL', 'NVDA');
  await list.showsRows('MSFT', 'NVDA', 'AAPL', 'TSLA', 'AMZN');
  await changes.says('AAPL moved.');
  await until(held, (items) => items.map(({ symbol }) => symbol).join() === 'MSFT,NVDA,AAPL,TSLA,AMZN');
  await changes.row('MSFT').press('x');
  await changes.row('AAPL').press('x');
  await changes.drag('MSFT', 'AMZN');
  await list.showsRows('NVDA', 'TSLA', 'AMZN', 'MSFT', 'AAPL');
  await until(held, (items) => items.map(({ symbol }) => symbol).join() === 'NVDA,TSLA,AMZN,MSFT,AAPL');
  await list.undo.last().click();
  await list.showsRows('MSFT', 'NVDA', 'AAPL', 'TSLA', 'AMZN');
  quiet(complaints);
  await context.close();
});

test('a row is picked up by key, moved through places and sections, put down and put back, and each step is said', async () => {
  const { page, context, complaints, list, changes, held } = await begin('keys@example.com');
  await changes.edit('AMZN');
  await changes.section.fill('Shops');
  await changes.save();
  await changes.row('AAPL').press('Control+Space');
  await changes.speaks('AAPL picked up.');
  await page.keyboard.press('ArrowDown');
  await list.showsRows('MSFT', 'AAPL', 'NVDA', 'TSLA', 'AMZN');
  await changes.speaks('AAPL: place 2 of 5.');
  await page.keyboard.press('Escape');
  await list.showsRows(...SYMBOLS);
  await changes.speaks('AAPL put back.');
  await changes.row('AAPL').locator('.row-handle').press('Enter');
  await changes.speaks('AAPL picked up.');
  await page.keyboard.press('End');
  await changes.speaks('AAPL: place 5 of 5. In “Shops”.');
  await page.keyboard.press('Enter');
  await list.showsRows('MSFT', 'NVDA', 'TSLA', 'AMZN', 'AAPL');
  await until(held, (items) => items.at(-1).symbol === 'AAPL' && items.at(-1).section === 'Shops');
  await changes.undoByKey();
  await list.showsRows(...SYMBOLS);
  await until(held, (items) => items[0].symbol === 'AAPL' && !items[0].section);
  quiet(complaints);
  await context.close();
});

test('the editor counts the note, names its colours, and is accessible', async () => {
  const { page, context, complaints, list, changes } = await begin('editor@example.com', { viewport: PHONE, colorScheme: 'dark' });
  await changes.edit('TSLA');
  await changes.note.fill('x'.repeat(2001));
  await changes.editor.getByText('2001 of 2000 characters').waitFor();
  await changes.editor.getByRole('button', { name: 'Save' }).click({ force: true });
  assert.ok(await changes.note.isVisible(), 'what is too long is not saved');
  await changes.editor.getByText('Purple').click();
  await accessible(page);
  await changes.note.fill('Robots');
  await changes.note.press('Control+Enter');
  await changes.says('TSLA changed.');
  await changes.edit('TSLA');
  assert.equal(await changes.note.inputValue(), 'Robots');
  assert.ok(await changes.editor.getByRole('radio', { name: 'Purple' }).isChecked());
  await page.keyboard.press('Escape');
  assert.equal(await list.sideways(), 0);
  quiet(complaints);
  await context.close();
});

test('tabs are named and ordered in place, and a deleted list comes back', async () => {
  const { page, context, complaints, list, changes } = await begin('tabs@example.com');
  const first = page.url();
  await changes.newList('Banks');
  await changes.newList('Cars');
  await changes.tab('Banks').press('F2');
  await page.getByRole('textbox', { name: 'Name' }).fill('Lenders');
  await page.getByRole('textbox', { name: 'Name' }).press('Enter');
  await changes.showsTabs('Watchlist', 'Lenders', 'Cars');
  await changes.tab('Lenders').press('Alt+ArrowRight');
  await changes.showsTabs('Watchlist', 'Cars', 'Lenders');
  await changes.undoByKey();
  await changes.showsTabs('Watchlist', 'Lenders', 'Cars');
  await changes.undoByKey();
  await changes.showsTabs('Watchlist', 'Banks', 'Cars');
  const [from, to] = [await changes.tab('Cars').boundingBox(), await changes.tab('Watchlist').boundingBox()];
  await page.mouse.move(from.x + 20, from.y + 10);
  await page.mouse.down();
  await page.mouse.move(to.x + 4, to.y + 10, { steps: 5 });
  await page.mouse.up();
  await changes.showsTabs('Cars', 'Watchlist', 'Banks');
  await page.goto(first);
  await list.showsRows(...SYMBOLS);
  await changes.showsTabs('Cars', 'Watchlist', 'Banks');
  await accessible(page);

  await changes.ready();
  await changes.row('NVDA').press('4');
  await changes.says('NVDA changed.');
  await page.getByRole('button', { name: 'List options' }).click();
  await page.getByRole('menuitem', { name: 'Duplicate list…' }).click();
  await page.getByRole('dialog').getByRole('textbox').press('Enter');
  await page.locator('.tab[aria-current=page]', { hasText: 'Watchlist copy' }).waitFor();
  await list.showsRows(...SYMBOLS);
  await page.getByRole('button', { name: 'List options' }).click();
  await page.getByRole('menuitem', { name: 'Delete list…' }).click();
  await accessible(page);
  await page.getByRole('dialog').getByRole('button', { name: 'Delete list' }).click();
  await changes.showsTabs('Cars', 'Watchlist', 'Banks');
  await changes.says('“Watchlist copy” deleted.');
  await list.undo.last().click();
  await changes.showsTabs('Cars', 'Watchlist', 'Banks', 'Watchlist copy');
  await page.keyboard.press('g');
  await page.keyboard.press('4');
  await page.locator('.tab[aria-current=page]', { hasText: 'Watchlist copy' }).waitFor();
  await list.showsRows(...SYMBOLS);
  assert.equal(await changes.row('NVDA').getAttribute('data-flag'), 'green', 'with what was put on it');
  quiet(complaints);
  await context.close();
});

test('moves on two devices both hold, and of a note written on both each text is kept', async () => {
  const email = 'two@example.com';
  const one = await begin(email);
  const other = await second(email);
  await Promise.all([one.changes.row('AMZN').press('Alt+ArrowUp'), other.changes.row('AAPL').press('Alt+ArrowDown')]);
  await Promise.all([one, other].map(({ list }) => list.showsRows('MSFT', 'AAPL', 'NVDA', 'AMZN', 'TSLA')));

  await one.changes.edit('NVDA');
  await one.changes.note.fill('from here');
  await other.changes.edit('NVDA');
  await other.changes.note.fill('from there');
  await other.changes.save();
  await until(one.held, (items) => items.some(({ note }) => note === 'from there'));
  await one.changes.save();
  await one.changes.says(/Both texts are kept/);
  const both = 'from there\n———\nfrom here';
  await until(one.held, (items) => items.some(({ note }) => note === both));
  await one.list.undo.last().click();
  await until(one.held, (items) => items.some(({ note }) => note === 'from there'));

  await other.context.setOffline(true);
  await other.list.isLinked('offline');
  await other.changes.row('TSLA').press('1');
  await one.changes.row('TSLA').press('5');
  await until(one.held, (items) => items.some(({ flag }) => flag === 'blue'));
  await other.context.setOffline(false);
  await other.changes.says(/changed on another device too/);
  await until(one.held, (items) => items.some(({ flag }) => flag === 'red'));
  await other.page.getByRole('button', { name: 'Use Blue' }).click();
  await until(one.held, (items) => items.some(({ flag }) => flag === 'blue'));
  for (const { complaints, context } of [one, other]) {
    quiet(complaints.filter((text) => !text.includes('412') && !text.includes('ERR_INTERNET_DISCONNECTED')));
    await context.close();
  }
});

test('without a network changes wait, leaving asks, and they are sent in order; what is refused is taken back alone', async () => {
  const { page, context, complaints, list, changes, held } = await begin('offline@example.com');
  await context.setOffline(true);
  await list.isLinked('offline');
  await changes.row('AAPL').press('Delete');
  await changes.row('AMZN').press('Alt+ArrowUp');
  await changes.row('MSFT').press('3');
  await list.showsRows('MSFT', 'NVDA', 'AMZN', 'TSLA');
  const asked = new Promise((resolve) => page.once('dialog', (dialog) => resolve(dialog.dismiss().then(() => dialog.type()))));
  const leaving = page.goto('/account').catch(() => {});
  assert.equal(await asked, 'beforeunload');
  await leaving;
  await context.setOffline(false);
  await until(held, (items) => items.map(({ symbol }) => symbol).join() === 'MSFT,NVDA,AMZN,TSLA' && items[0].flag === 'yellow');

  await page.route('**/items/NVDA', (route) => route.fulfill({ status: 503, body: 'busy' }));
  await changes.row('NVDA').press('Delete');
  await changes.row('TSLA').press('Delete');
  await changes.says(/NVDA could not be removed/);
  await list.showsRows('MSFT', 'NVDA', 'AMZN');
  await page.unroute('**/items/NVDA');
  await page.getByRole('button', { name: 'Try again' }).click();
  await list.showsRows('MSFT', 'AMZN');
  await until(held, (items) => items.map(({ symbol }) => symbol).join() === 'MSFT,AMZN');
  quiet(complaints.filter((text) => !text.includes('503') && !text.includes('ERR_INTERNET_DISCONNECTED')));
  await context.close();
});
