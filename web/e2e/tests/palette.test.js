// Find, act, import, export: the palette and what it leads to. In both themes, on a phone and on a desk.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { AuthPage } from '../pages/auth_page.js';
import { ListPage } from '../pages/list_page.js';
import { PalettePage } from '../pages/palette_page.js';
import { PASSWORD } from '../support/account.js';
import { accessible } from '../support/axe.js';
import { LOOKS, quiet } from '../support/browser.js';
import { stage } from '../support/stage.js';

const { server, browser } = await stage();
let accounts = 0;

// A new account on its first list.
async function begin(options) {
  const opened = await browser.open(server.origin, options);
  accounts += 1;
  const [list, palette] = [new ListPage(opened.page), new PalettePage(opened.page)];
  await new AuthPage(opened.page).register(`palette-${accounts}@example.com`, PASSWORD);
  await opened.page.getByRole('link', { name: 'Watchlist' }).waitFor();
  return { ...opened, list, palette };
}

async function end({ context, complaints }) {
  quiet(complaints);
  await context.close();
}

for (const [name, options] of LOOKS) {
  test(`securities are found and added one after the other (${name})`, async () => {
    const opened = await begin(options);
    const { page, list, palette } = opened;
    await palette.open();
    assert.ok((await palette.headings()).includes('Actions'), 'something to begin with');
    await accessible(page);

    await palette.find('nvid');
    assert.equal(await palette.security('NVDA').locator('mark').first().textContent(), 'Nvid', 'the match is marked');
    await palette.security('NVDA').getByText('Nasdaq').waitFor();
    await palette.security('NVDA').getByText('USD').waitFor();
    await palette.said.getByText(/results?/).first().waitFor({ state: 'attached' });
    await accessible(page);
    await palette.field.press('Enter');
    await palette.security('NVDA').getByText('On this list').waitFor({ state: 'attached' });
    await palette.said.getByText('NVDA added.').waitFor();
    // What was typed is selected: the next text takes its place.
    await page.keyboard.type('tesla');
    await palette.security('TSLA').waitFor();
    assert.equal(await palette.field.inputValue(), 'tesla');
    await palette.security('TSLA').click();
    await palette.security('TSLA').getByText('On this list').waitFor({ state: 'attached' });
    await palette.close();
    await list.showsRows('NVDA', 'TSLA');
    assert.equal(await list.sideways(), 0, 'the page is as wide as the screen');

    // Choosing what is there already shows it.
    await palette.open();
    await palette.find('nvid');
    await palette.field.press('Enter');
    await palette.dialog.waitFor({ state: 'hidden' });
    await page.waitForFunction(() => document.activeElement?.dataset.symbol === 'NVDA');

    // Another time it is among the recent ones.
    await palette.open();
    assert.deepEqual((await palette.headings())[0], 'Recent');
    assert.ok(await palette.security('TSLA').isVisible());
    await palette.close();
    await end(opened);
  });

  test(`what is pasted is looked at before it is imported, and can be taken back (${name})`, async () => {
    const opened = await begin(options);
    const { page, list, palette } = opened;
    await list.addByKeyboard('apple', 'AAPL');
    await palette.paste('AAPL, MSFT nope$\nQQQQX\tno such\nKO;nvda');
    assert.deepEqual((await palette.rejected()).map(([line, text]) => [line, text]), [['1', 'nope$'], ['2', 'QQQQX']]);
    assert.deepEqual((await palette.rejected()).map(([, , reason]) => reason), [
      'This is not a symbol.',
      'The catalogue does not know it, or it may mean several.',
    ]);
    for (const told of ['3 to add', '1 there already', '2 not possible']) {
      await palette.import.getByText(told).waitFor();
    }
    assert.equal(await list.sideways(), 0, 'the page is as wide as the screen');
    await list.showsRows('AAPL');
    await accessible(page);
    await palette.import.getByRole('button', { name: 'Add 3' }).press('Enter');
    await list.showsRows('AAPL', 'MSFT', 'KO', 'NVDA');
    await page.locator('.toast').filter({ hasText: '3 securities were added' }).getByRole('button', { name: 'Undo' }).click();
    await list.showsRows('AAPL');
    await end(opened);
  });

  test(`every shortcut is named by ? (${name})`, async () => {
    const opened = await begin(options);
    const { page, palette } = opened;
    await palette.button.waitFor();
    await page.locator('body').press('?');
    await palette.shortcuts.getByText('Search or type a command').waitFor();
    await accessible(page);
    await palette.shortcuts.getByRole('button', { name: 'Close' }).click();
    await palette.shortcuts.waitFor({ state: 'hidden' });
    await end(opened);
  });
}

test('typing is not lost while the results are loaded', async () => {
  // A service worker would fetch the file in the page's stead, and out of reach of the route below.
  const opened = await begin({ serviceWorkers: 'block' });
  const { page, list, palette } = opened;
  await palette.button.waitFor();
  await page.route(/split_tools/, async (route) => {
    await palette.field.and(page.locator(':focus')).waitFor();
    await page.waitForFunction(() => document.activeElement?.value === 'IBM');
    await page.keyboard.press('Enter');
    await route.continue();
  });
  await page.keyboard.press('/');
  await page.keyboard.type('IBM');
  await list.showsRows('IBM');
  await end(opened);
});

test('a security goes to another list, and to its page', async () => {
  const opened = await begin();
  const { page, list, palette } = opened;
  await palette.act('New list');
  await page.getByRole('dialog').getByRole('textbox').fill('Banks');
  await page.getByRole('dialog').getByRole('textbox').press('Enter');
  await page.getByRole('link', { name: 'Banks' }).and(page.locator('[aria-current=page]')).waitFor();
  await palette.open();
  await palette.find('jpm');
  await palette.field.press('Tab');
  await palette.dialog.getByText('Add JPM to which list?').waitFor();
  await accessible(page);
  await palette.field.fill('watch');
  await palette.marked.getByText('Watchlist').waitFor();
  await palette.field.press('Enter');
  await palette.said.getByText('JPM was added to Watchlist.').waitFor();
  assert.equal(await palette.field.inputValue(), 'jpm', 'back to what was found');
  await palette.field.press('Escape');
  await list.showsRows();

  // `@` leaves lists alone.
  await page.keyboard.press('/');
  await page.keyboard.type('@wat');
  await palette.marked.getByText('Watchlist').waitFor();
  assert.deepEqual(await palette.headings(), ['Lists']);
  await palette.field.press('Enter');
  await list.showsRows('JPM');
  await palette.open();
  await palette.find('jpm');
  await palette.field.press('Control+Enter');
  await page.waitForURL('**/securities/JPM');
  await end(opened);
});

test('actions are done by their name', async () => {
  const opened = await begin();
  const { page, palette } = opened;
  await palette.act('Theme: dark');
  await page.locator('html[data-theme=dark]').waitFor();
  await page.keyboard.press('Control+k');
  await palette.field.fill('>theme');
  await palette.option('Theme: light').waitFor();
  assert.equal(await palette.option('Theme: dark').count(), 0, 'what is so already is not offered');
  assert.deepEqual(await palette.headings(), ['Actions']);
  await palette.field.press('ArrowUp');
  await palette.marked.getByText('Theme: light').waitFor();
  await palette.field.press('Control+Home');
  await palette.marked.getByText('Theme: like the system').waitFor();
  await palette.close();
  await palette.act('Rename this list');
  await page.getByRole('dialog', { name: 'Rename list' }).waitFor();
  await page.keyboard.press('Escape');
  await palette.act('Sign out');
  await page.getByLabel('Password', { exact: true }).waitFor();
  await end(opened);
});

test('a file is dropped and imported with what it says of each security', async () => {
  const opened = await begin();
  const { page, list, palette } = opened;
  await list.search.waitFor();
  await page.getByRole('heading', { name: 'Nothing on this list yet' }).waitFor();
  await palette.drop('tech.csv', 'symbol,section,flag,note\r\nIBM,Old,red,"one, two"\r\nNOPE,,,\r\nMSFT,Old,pink,\r\n');
  assert.deepEqual((await palette.rejected()).map(([line, , reason]) => [line, reason]), [
    ['3', 'The catalogue does not know it, or it may mean several.'],
    ['4', 'There is no such flag.'],
  ]);
  await palette.import.getByRole('button', { name: 'Add 1' }).click();
  await list.showsRows('IBM');

  await palette.act('Import symbols');
  await accessible(page);
  const chosen = { name: 'a.json', mimeType: 'application/json', buffer: Buffer.from('{"name":"A","items":[{"symbol":"KO"}]}') };
  await palette.import.locator('input[type=file]').setInputFiles(chosen);
  await palette.import.getByRole('button', { name: 'Add 1' }).click();
  // What has no section stands above those that have.
  await list.showsRows('KO', 'IBM');
  await end(opened);
});

test('a list is exported by one key', async () => {
  const opened = await begin();
  const { page, list, palette } = opened;
  await list.addByKeyboard('apple', 'AAPL');
  const [table] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('d')]);
  assert.equal(table.suggestedFilename(), 'Watchlist.csv');
  assert.match(await readFile(await table.path(), 'utf8'), /^symbol,name,exchange,section,flag,note\r\nAAPL,/);
  const [file] = await Promise.all([page.waitForEvent('download'), palette.act('Export this list as JSON')]);
  assert.equal(JSON.parse(await readFile(await file.path(), 'utf8')).items[0].symbol, 'AAPL');
  await end(opened);
});

test('keys that are pressed alone can be switched off, and none acts while somebody types', async () => {
  const opened = await begin();
  const { page, list, palette } = opened;
  await list.addByKeyboard('apple', 'AAPL');
  await page.keyboard.press('/');
  await page.keyboard.type('d?/');
  assert.equal(await palette.field.inputValue(), 'd?/');
  await palette.close();
  await page.keyboard.press('?');
  const toggle = palette.shortcuts.getByRole('switch', { name: 'Single-key shortcuts' });
  await toggle.press('Space');
  assert.equal(await toggle.getAttribute('aria-checked'), 'false');
  await page.keyboard.press('Escape');
  await page.reload();
  await list.row('AAPL').element.waitFor();
  await page.keyboard.press('?');
  await page.keyboard.press('/');
  await page.keyboard.press('Control+k');
  await palette.dialog.waitFor();
  assert.equal(await palette.shortcuts.count(), 0);
  await palette.close();
  await palette.act('Single-key shortcuts: on');
  await page.keyboard.press('?');
  await palette.shortcuts.waitFor();
  await end(opened);
});

test('the header is whole from the narrowest phone to the widest desk', async () => {
  const opened = await begin();
  const { page, list, palette } = opened;
  await list.isLinked('connected');
  for (const width of [320, 360, 390, 740, 1024, 1440, 2560]) {
    await page.setViewportSize({ width, height: 900 });
    assert.equal(await list.sideways(), 0, `at ${width}px`);
    const box = await palette.button.boundingBox();
    assert.ok(box.width >= 32 && box.x >= 0 && box.x + box.width <= width, `the button at ${width}px`);
    const bar = await page.getByRole('banner').boundingBox();
    assert.ok(bar.height <= 72, `one line at ${width}px`);
  }
  await end(opened);
});
