// The main job: sign up, find, add, watch, remove, leave. In both themes, on a phone and on a desk.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuthPage } from '../pages/auth_page.js';
import { ListPage } from '../pages/list_page.js';
import { PASSWORD } from '../support/account.js';
import { LOOKS, PHONE, quiet } from '../support/browser.js';
import { stage } from '../support/stage.js';

const { server, browser } = await stage('--sim-interval-ms', '200');

for (const [name, options] of LOOKS) {
  test(`a person registers, searches, adds, sees a price move, toggles the change, removes, logs out (${name})`, async () => {
    const { page, context, complaints } = await browser.open(server.origin, options);
    const email = `${name.replaceAll(/\W+/g, '-')}@example.com`;
    const [auth, list] = [new AuthPage(page), new ListPage(page)];
    await auth.register(email, PASSWORD);
    await list.search.waitFor();

    await list.addByKeyboard('microsft', 'MSFT');
    await list.addByKeyboard('brkb', 'BRK.B');
    await list.addByKeyboard('apple', 'AAPL');
    await list.showsRows('MSFT', 'BRK.B', 'AAPL');

    assert.equal(await list.feedBadge.textContent(), 'Simulated market');
    assert.ok(!(await page.textContent('body')).includes('Live'), 'a simulated price is never called live');
    await list.isLinked('connected');
    assert.match(await list.row('AAPL').nextPrice(), /^[\d,]+\.\d{2,}$/);

    const percent = await list.row('AAPL').change.textContent();
    assert.match(percent, /%/);
    await list.toggleChange();
    const amount = await list.row('AAPL').change.textContent();
    assert.doesNotMatch(amount, /%/);
    await page.reload();
    await list.row('AAPL').price.waitFor();
    assert.doesNotMatch(await list.row('AAPL').change.textContent(), /%/, 'the choice is remembered');

    await list.row('BRK.B').element.press('Delete');
    await list.showsRows('MSFT', 'AAPL');
    await list.undo.click();
    await list.showsRows('MSFT', 'BRK.B', 'AAPL');
    await list.row('AAPL').element.press('Alt+ArrowUp');
    await list.showsRows('MSFT', 'AAPL', 'BRK.B');
    await list.row('BRK.B').element.press('Delete');
    await list.showsRows('MSFT', 'AAPL');
    await page.reload();
    await list.showsRows('MSFT', 'AAPL');

    await list.isLinked('connected');
    assert.equal(await list.sideways(), 0, 'the page is as wide as the screen');

    await list.logOut();
    await auth.password.waitFor();
    await page.goto('/');
    await auth.password.waitFor();
    await auth.logIn(email, 'not the password');
    await auth.alert.getByText(/password/i).first().waitFor();
    await auth.logIn(email, PASSWORD);
    await list.showsRows('MSFT', 'AAPL');
    const refused = complaints.filter((text) => text.includes('status of 401'));
    assert.equal(refused.length, 1, 'the wrong password');
    quiet(complaints.filter((text) => !refused.includes(text)));
    await context.close();
  });
}

test('whatever the badges have to say, a narrow screen holds it', async () => {
  const { page, context, complaints } = await browser.open(server.origin, { viewport: PHONE });
  const list = new ListPage(page);
  await new AuthPage(page).register('narrow@example.com', PASSWORD);
  await list.addByKeyboard('brkb', 'BRK.B');
  for (const width of [320, 360, PHONE.width, 430]) {
    await page.setViewportSize({ width, height: PHONE.height });
    for (const [state, words] of [['connected', 'Connected'], ['connecting', 'Connecting'], ['reconnecting', 'Reconnecting']]) {
      for (const trouble of ['', ' · starting']) {
        await list.sayInBadges(state, words, trouble);
        assert.equal(await list.sideways(), 0, `at ${width}px, ${words}${trouble}`);
      }
    }
  }
  quiet(complaints);
  await context.close();
});

test('lists are made, renamed, switched and deleted', async () => {
  const { page, context, complaints } = await browser.open(server.origin);
  const list = new ListPage(page);
  await new AuthPage(page).register('lists@example.com', PASSWORD);
  await list.addByKeyboard('nvidia', 'NVDA');
  await page.getByRole('button', { name: 'New list' }).click();
  await page.getByRole('dialog').getByRole('textbox').fill('Banks');
  await page.getByRole('dialog').getByRole('textbox').press('Enter');
  await page.getByRole('link', { name: 'Banks' }).and(page.locator('[aria-current=page]')).waitFor();
  await list.showsRows();
  await list.addByKeyboard('jp morgan', 'JPM');
  await page.getByRole('button', { name: 'List options' }).click();
  await page.getByRole('menuitem', { name: 'Rename list…' }).click();
  await page.getByRole('dialog').getByRole('textbox').fill('Lenders');
  await page.getByRole('dialog').getByRole('textbox').press('Enter');
  await page.getByRole('link', { name: 'Lenders' }).waitFor();
  await page.getByRole('link', { name: 'Watchlist' }).click();
  await list.showsRows('NVDA');
  await page.getByRole('link', { name: 'Lenders' }).click();
  await list.showsRows('JPM');
  await page.getByRole('button', { name: 'List options' }).click();
  await page.getByRole('menuitem', { name: 'Delete list…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: /^Delete/ }).click();
  await list.showsRows('NVDA');
  assert.equal(await page.getByRole('link', { name: 'Lenders' }).count(), 0);
  quiet(complaints);
  await context.close();
});

test('a change on one device appears on another', async () => {
  const [one, other] = await Promise.all([browser.open(server.origin), browser.open(server.origin)]);
  const [here, there] = [new ListPage(one.page), new ListPage(other.page)];
  await new AuthPage(one.page).register('devices@example.com', PASSWORD);
  await here.addByKeyboard('apple', 'AAPL');
  await new AuthPage(other.page).logIn('devices@example.com', PASSWORD);
  await there.showsRows('AAPL');
  await here.addByKeyboard('tesla', 'TSLA');
  await there.showsRows('AAPL', 'TSLA');
  await there.row('TSLA').price.waitFor();
  for (const { complaints, context } of [one, other]) {
    quiet(complaints);
    await context.close();
  }
});

test('an address of the app that is not there says so, and a wrong one is not shown', async () => {
  const { page, context } = await browser.open(server.origin);
  await page.goto('/nothing/here');
  await page.getByRole('heading').first().waitFor();
  assert.match(await page.textContent('body'), /not/i);
  const answer = await page.request.get('/api/v1/nothing');
  assert.equal(answer.status(), 404);
  assert.equal(answer.headers()['content-type'], 'application/problem+json');
  await context.close();
});
