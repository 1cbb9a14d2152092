// The narrowest screens, which are also ordinary ones at 400 %: nothing stands on anything else, fingers scroll, the focus
// stays, and names are read from either side.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuthPage } from '../pages/auth_page.js';
import { ListChanges } from '../pages/list_changes.js';
import { ListPage } from '../pages/list_page.js';
import { PASSWORD } from '../support/account.js';
import { Account, symbols } from '../support/api.js';
import { accessible } from '../support/axe.js';
import { DESKTOP, PHONE, quiet } from '../support/browser.js';
import { DEADLINE_MS } from '../support/deadline.js';
import { stage } from '../support/stage.js';

const NARROW = { width: 320, height: 568 };
// 1280 by 1024 pixels at 400 %.
const ENLARGED = { width: 320, height: 256 };
const { server, browser } = await stage('--sim-interval-ms', '500', '--anon-per-minute', '0');

// Somebody with a list of these lines, at the list.
async function begin(email, csv, options) {
  await (await Account.register(server.origin, email, PASSWORD)).fill(csv);
  const opened = await browser.open(server.origin, options);
  // What moves has, for a moment, another place.
  await opened.page.emulateMedia({ reducedMotion: 'reduce' });
  const [list, changes] = [new ListPage(opened.page), new ListChanges(opened.page)];
  await new AuthPage(opened.page).logIn(email, PASSWORD);
  await list.rows.first().waitFor();
  await changes.ready();
  return { ...opened, list, changes };
}

const box = (locator) => locator.boundingBox();
const meet = (one, other) =>
  one.x < other.x + other.width && other.x < one.x + one.width && one.y < other.y + other.height && other.y < one.y + one.height;

for (const viewport of [NARROW, PHONE]) {
  test(`the marks of a row stand beside its symbol and its name (${viewport.width} px)`, async () => {
    const csv = 'symbol,note,flag\nBRK.B,Insurance,red\n7203.T,Cars,blue\nGOOGL,Search,green\n';
    const { page, context, complaints, list } = await begin(`marks-${viewport.width}@example.com`, csv, { viewport });
    assert.equal(await list.sideways(), 0);
    for (const symbol of ['BRK.B', '7203.T', 'GOOGL']) {
      const row = list.row(symbol).element;
      const marks = row.locator('.marks .icon');
      await marks.first().waitFor();
      const parts = ['.symbol', '.name', '.row-handle', '.column-price .figure', '.column-change'];
      for (const mark of await marks.all()) {
        for (const part of parts) {
          assert.ok(!meet(await box(mark), await box(row.locator(part))), `${symbol}: a mark on ${part}`);
        }
      }
      const isWhole = (element) => element.scrollWidth <= element.clientWidth;
      assert.ok(await row.locator('.symbol').evaluate(isWhole), `${symbol} is read whole`);
    }
    await accessible(page);
    quiet(complaints);
    await context.close();
  });
}

test('at 400 % most of the window is for the list', async () => {
  const csv = `symbol\n${(await symbols(40)).join('\n')}\n`;
  const { page, context, complaints, list } = await begin('enlarged@example.com', csv, { viewport: ENLARGED });
  await page.mouse.move(200, 200);
  await page.mouse.wheel(0, 600);
  await page.waitForFunction(() => scrollY >= 600);
  const rows = await page.evaluate(() => {
    const points = Array.from({ length: 8 }, (_, at) => document.elementFromPoint(160, 16 + at * 32));
    return points.filter((element) => element.closest('[role=row][data-symbol]')).length;
  });
  assert.ok(rows >= 7, `${rows} of 8 points are rows`);
  assert.equal(await list.sideways(), 0);
  quiet(complaints);
  await context.close();
});

for (const viewport of [NARROW, ENLARGED, PHONE, DESKTOP]) {
  test(`messages stand above the bar of what is chosen (${viewport.width} × ${viewport.height})`, async () => {
    const csv = 'symbol\nAAPL\nMSFT\nNVDA\nTSLA\n';
    const email = `bar-${viewport.width}-${viewport.height}@example.com`;
    const { page, context, complaints, list, changes } = await begin(email, csv, { viewport });
    await list.row('AAPL').element.press('x');
    await changes.bar.waitFor();
    await changes.bar.getByRole('combobox', { name: 'Flag' }).selectOption('red');
    await page.locator('.toast').waitFor();
    const bar = await box(changes.bar);
    assert.ok(!meet(await box(page.locator('.toasts')), bar), 'a message is on the bar');
    for (const button of await changes.bar.getByRole('button').all()) {
      // It scrolls into view within the bar, and nothing is on it.
      await button.click({ trial: true });
    }
    assert.equal(await list.sideways(), 0);
    quiet(complaints);
    await context.close();
  });
}

test('a finger that flicks over the handles scrolls, and one that rests on one moves its row', async () => {
  const names = await symbols(30);
  const csv = `symbol\n${names.join('\n')}\n`;
  const options = { viewport: PHONE, hasTouch: true, isMobile: true };
  const { page, context, complaints, list, changes } = await begin('flick@example.com', csv, options);
  const devtools = await context.newCDPSession(page);
  const handle = (symbol) => list.row(symbol).element.locator('.row-handle');
  const middle = async (locator) => {
    const { x, y, width, height } = await box(locator);
    return { x: x + width / 2, y: y + height / 2 };
  };
  const from = await middle(handle(names[4]));
  await devtools.send('Input.synthesizeScrollGesture', { ...from, yDistance: -240, gestureSourceType: 'touch', speed: 1600 });
  await page.waitForFunction(() => scrollY > 100);
  await page.evaluate(() => scrollTo(0, 0));
  await page.waitForFunction(() => scrollY === 0);
  assert.deepEqual((await list.symbols()).slice(0, 5), names.slice(0, 5), 'no row has moved');

  const touch = (type, point) =>
    devtools.send('Input.dispatchTouchEvent', { type, touchPoints: point ? [point] : [] });
  const [start, to] = [await middle(handle(names[0])), await middle(list.row(names[2]).element)];
  await touch('touchStart', start);
  await page.locator('.drag-chip:not([hidden])').waitFor();
  for (const part of [0.3, 0.6, 1]) {
    await touch('touchMove', { x: start.x, y: start.y + (to.y + 12 - start.y) * part });
  }
  await page.locator('.drag-line:not([hidden])').waitFor();
  await touch('touchEnd');
  await changes.says(`${names[0]} moved`);
  assert.deepEqual((await list.symbols()).slice(0, 3), [names[1], names[2], names[0]]);
  assert.equal(await page.evaluate(() => scrollY), 0, 'the page has not scrolled meanwhile');
  quiet(complaints);
  await context.close();
});

test('after a message is dealt with, the focus is where it was', async () => {
  const csv = 'symbol\nAAPL\nMSFT\nNVDA\n';
  const { page, context, complaints, list, changes } = await begin('focus@example.com', csv);
  const focused = () => page.evaluate(() => document.activeElement.closest('[data-symbol]')?.dataset.symbol ?? document.activeElement.tagName);
  const settles = (wanted) =>
    page.waitForFunction((wanted) => wanted.includes(document.activeElement.closest('[data-symbol]')?.dataset.symbol), wanted);
  await list.row('MSFT').element.focus();
  await page.keyboard.press('Delete');
  await list.showsRows('AAPL', 'NVDA');
  await settles(['NVDA', 'AAPL']);
  const before = await focused();
  await list.undo.focus();
  await page.keyboard.press('Enter');
  await list.showsRows('AAPL', 'MSFT', 'NVDA');
  await settles([before, 'MSFT']);
  const dismiss = changes.toasts.getByRole('button', { name: 'Dismiss' }).last();
  await dismiss.focus();
  await page.keyboard.press('Enter');
  await settles(['AAPL', 'MSFT', 'NVDA']);
  quiet(complaints);
  await context.close();
});

test('a name that is read from right to left is cut at its end', async () => {
  const arabic = 'قائمة الأسهم العالمية التي أراقبها كل صباح قبل افتتاح السوق';
  const { page, context, complaints, list, changes } = await begin('arabic@example.com', 'symbol\nAAPL\n', { viewport: NARROW });
  await changes.newList(arabic);
  const tab = page.locator('.tab[aria-current=page] .tab-name');
  const seen = await tab.evaluate((element) => {
    const letters = document.createRange();
    letters.setStart(element.firstChild, 0);
    letters.setEnd(element.firstChild, 1);
    const [first, whole] = [letters.getBoundingClientRect(), element.getBoundingClientRect()];
    return { isCut: element.scrollWidth > element.clientWidth, isThere: first.right <= whole.right + 1 && first.left >= whole.left - 1 };
  });
  assert.deepEqual(seen, { isCut: true, isThere: true }, 'its beginning is there');
  assert.equal(await list.sideways(), 0);
  quiet(complaints);
  await context.close();
});

test('there is no empty heading where there is no such list', async () => {
  const { page, context, complaints } = await begin('missing@example.com', 'symbol\nAAPL\n');
  await page.goto('/lists/wl_01h455vb4pex5vsknk084sn02q');
  await page.getByRole('heading', { level: 1, name: 'There is no such list' }).waitFor();
  const headings = await page.locator('h1:not([hidden])').allTextContents();
  assert.deepEqual(headings, ['There is no such list']);
  await accessible(page);
  quiet(complaints.filter((text) => !text.includes('status of 404')));
  await context.close();
});

test('a guest whose account is gone is not asked for a password that there never was', async () => {
  const { page, context } = await browser.open(server.origin);
  await page.goto('/login');
  await page.getByRole('button', { name: 'Try it without an account' }).click();
  await new ListPage(page).rows.first().waitFor();
  const token = page.waitForRequest((request) => request.headers().authorization);
  await page.reload();
  const headers = { authorization: (await token).headers().authorization };
  const answer = await page.request.delete('/api/v1/me', { headers, data: {} });
  assert.ok(answer.ok(), `${answer.status()} ${await answer.text()}`);
  await page.getByText('Your demo account has ended.').waitFor({ timeout: DEADLINE_MS });
  assert.equal(await page.getByText('Sign in again').count(), 0);
  await context.close();
});
