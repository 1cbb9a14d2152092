// Alerts are set where their security is seen: from a row, by key and by pointer, on its page, in the search; and are
// looked after on a page of their own.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AlertsPage } from '../pages/alerts_page.js';
import { AuthPage } from '../pages/auth_page.js';
import { ListPage } from '../pages/list_page.js';
import { PalettePage } from '../pages/palette_page.js';
import { SecurityPage } from '../pages/security_page.js';
import { PASSWORD, refusals } from '../support/account.js';
import { Account } from '../support/api.js';
import { accessible } from '../support/axe.js';
import { LOOKS, PHONE, quiet } from '../support/browser.js';
import { stage } from '../support/stage.js';

const NARROW = { width: 320, height: 568 };
const { server, browser } = await stage('--sim-interval-ms', '500', '--anon-per-minute', '0');

// Somebody with three securities, at the list.
async function begin(email, options) {
  const account = await Account.register(server.origin, email, PASSWORD);
  await account.fill('symbol\nAAPL\nMSFT\nTSLA\n');
  const opened = await browser.open(server.origin, options);
  const { page } = opened;
  const [list, alerts] = [new ListPage(page), new AlertsPage(page)];
  await new AuthPage(page).logInAnywhere(email, PASSWORD);
  await list.row('AAPL').price.waitFor();
  return { ...opened, account, list, alerts, security: new SecurityPage(page), palette: new PalettePage(page) };
}

const statesOf = async (account) => {
  const { items } = await account.get('/alerts');
  return items.map(({ symbol, state }) => `${symbol} ${state}`).toSorted();
};

for (const [name, options] of [...LOOKS, ['narrow', { viewport: NARROW }]]) {
  test(`an alert is set by keys alone, from a row on (${name})`, async () => {
    const opened = await begin(`keys-${name.replaceAll(/\W+/g, '-')}@example.com`, options);
    const { page, context, complaints, account, list, alerts } = opened;
    await alerts.openByKey('AAPL');
    const price = await alerts.suggested();
    assert.ok(price > 0, 'the current price is suggested');
    assert.equal(await alerts.condition.inputValue(), 'rises_above');
    await page.keyboard.type((price * 1.2).toFixed(2));
    assert.equal(await alerts.condition.inputValue(), 'rises_above');
    await accessible(page);
    assert.equal(await list.sideways(), 0);
    await page.keyboard.press('Enter');
    await alerts.says(/^Alert set: AAPL rises above/);
    await alerts.isClosed();
    const { items } = await account.get('/alerts');
    assert.deepEqual(items.map(({ condition }) => condition), [{ type: 'crosses_above', price: (price * 1.2).toFixed(2) }]);
    await alerts.counts('AAPL', 1);
    assert.equal(await page.evaluate(() => document.activeElement.closest('[role=row]')?.dataset.symbol), 'AAPL');
    await accessible(page);
    assert.equal(await list.sideways(), 0);
    quiet(complaints);
    await context.close();
  });
}

test('a lower price turns the sentence round, until somebody has chosen what it says', async () => {
  const { page, context, complaints, account, alerts } = await begin('turn@example.com');
  await page.locator('[role=row][data-symbol=AAPL]').hover();
  await alerts.bell('AAPL').click();
  const price = await alerts.suggested();
  await alerts.price.fill((price * 0.8).toFixed(2));
  assert.equal(await alerts.condition.inputValue(), 'falls_below');
  await alerts.price.fill((price * 1.3).toFixed(2));
  assert.equal(await alerts.condition.inputValue(), 'rises_above');
  await alerts.condition.selectOption('crosses');
  await alerts.price.fill((price * 0.8).toFixed(2));
  assert.equal(await alerts.condition.inputValue(), 'crosses');
  await alerts.set.click();
  await alerts.says(/^Alert set: AAPL crosses/);
  const { items } = await account.get('/alerts');
  assert.equal(items[0].condition.type, 'crosses');
  quiet(complaints);
  await context.close();
});

test('what is wrong is said at its field, and nothing is set', async () => {
  const { page, context, complaints, account, alerts } = await begin('wrong@example.com');
  await alerts.openByKey('AAPL');
  const price = await alerts.suggested();
  for (const text of ['', 'two', '-5', '0']) {
    await alerts.price.fill(text);
    await alerts.set.click();
    await alerts.error.getByText('A price above zero').waitFor();
    assert.equal(await alerts.price.getAttribute('aria-invalid'), 'true', text);
  }
  await accessible(page);
  // It is above this already, as the server alone decides.
  await alerts.condition.selectOption('rises_above');
  await alerts.price.fill((price * 0.5).toFixed(2));
  await alerts.set.click();
  await alerts.error.getByText(/^This is so already: AAPL is at [\d.,]+\.$/).waitFor();
  await alerts.condition.selectOption('enters');
  await page.locator('#alert-high').fill((price * 0.4).toFixed(2));
  await alerts.set.click();
  await alerts.error.getByText('The upper price is above the lower').waitFor();
  await alerts.condition.selectOption('rises_within');
  await page.locator('#alert-minutes').fill('2000');
  await alerts.set.click();
  await alerts.error.getByText('1 to 1,440 minutes').waitFor();
  assert.deepEqual(await statesOf(account), []);
  assert.equal(refusals(complaints, 422), 1);
  await context.close();
});

test('an alert has everything that the form says of it, and is changed, paused and deleted there', async () => {
  const { page, context, complaints, account, alerts } = await begin('whole@example.com');
  await alerts.openByKey('MSFT');
  await alerts.suggested();
  await alerts.condition.selectOption('falls_within');
  await page.locator('#alert-percent').fill('2.5');
  await page.locator('#alert-minutes').fill('30');
  await page.getByText('More', { exact: true }).click();
  await page.getByText('Every time', { exact: true }).click();
  await page.getByLabel('At most every … minutes').fill('5');
  await page.getByLabel('Armed again after going back by … %').fill('0.5');
  await page.getByText('Pre-market and after hours too').click();
  await page.getByLabel('Ends').fill('2199-12-31T12:00');
  await page.getByLabel('Note', { exact: true }).fill('Look at the news');
  await accessible(page);
  await alerts.set.click();
  await alerts.says('Alert set: MSFT falls by 2.5% within 30 minutes');
  const [alert] = (await account.get('/alerts')).items;
  const { condition, frequency, cooldown_s, rearm_percent, session, expires_at, note } = alert;
  assert.deepEqual(condition, { type: 'moves_percent', percent: '-2.5', within_minutes: 30 });
  assert.deepEqual([frequency, cooldown_s, rearm_percent, session, note], ['every_time', 300, '0.5', 'extended', 'Look at the news']);
  assert.match(expires_at, /^2199-12-31T/);

  const sentence = '“MSFT falls by 2.5% within 30 minutes”';
  await alerts.isClosed();
  await alerts.openByKeyOf('MSFT');
  await page.getByRole('button', { name: `Pause ${sentence}` }).click();
  await page.getByRole('button', { name: `Resume ${sentence}` }).waitFor();
  assert.deepEqual(await statesOf(account), ['MSFT paused']);
  await page.getByRole('button', { name: `Resume ${sentence}` }).click();
  await page.getByRole('button', { name: `Pause ${sentence}` }).waitFor();
  await page.getByRole('button', { name: `Edit ${sentence}` }).click();
  await page.locator('#alert-percent').fill('3');
  await alerts.save.click();
  await alerts.says('Alert changed: MSFT falls by 3% within 30 minutes');
  const [edited] = (await account.get('/alerts')).items;
  assert.deepEqual([edited.condition.percent, edited.note, edited.expires_at], ['-3', note, expires_at]);
  await alerts.isClosed();
  await alerts.openByKeyOf('MSFT');
  await page.getByRole('button', { name: 'Delete “MSFT falls by 3% within 30 minutes”' }).click();
  await page.locator('.alert-form-row').waitFor({ state: 'detached' });
  assert.deepEqual(await statesOf(account), []);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Undo' }).last().click();
  await alerts.says(/set again$/);
  const [again] = (await account.get('/alerts')).items;
  assert.deepEqual([again.condition, again.note, again.cooldown_s], [edited.condition, note, 300]);
  quiet(complaints);
  await context.close();
});

test('the search sets an alert that is typed as people say it', async () => {
  const { page, context, complaints, account, alerts, list, palette } = await begin('typed@example.com');
  const { items: quotes } = await account.get('/quotes?symbols=AAPL,TSLA,MSFT');
  const price = Object.fromEntries(quotes.map((quote) => [quote.symbol, Number(quote.price)]));
  const [high, low] = [(price.AAPL * 1.5).toFixed(2), (price.TSLA * 0.5).toFixed(2)];
  const lines = [
    [`alert AAPL > ${high}`, `AAPL rises above ${high}`, { type: 'crosses_above', price: high }],
    [`tsla<${low}`, `TSLA falls below ${low}`, { type: 'crosses_below', price: low }],
    ['MSFT -45%', 'MSFT loses 45% in a day', { type: 'change_percent', percent: '-45' }],
  ];
  for (const [typed, sentence, condition] of lines) {
    await page.locator('body').press('Control+k');
    await palette.field.fill(typed);
    await palette.marked.getByText(`Set alert: ${sentence}`).waitFor();
    await palette.field.press('Enter');
    await alerts.says(`Alert set: ${sentence}`);
    await palette.dialog.waitFor({ state: 'hidden' });
    const { items } = await account.get('/alerts');
    assert.deepEqual(items[0].condition, condition);
  }
  // One that is so already opens the form with what is wrong; one of no security is no alert.
  await page.locator('body').press('Control+k');
  await palette.field.fill(`AAPL > ${(price.AAPL * 0.5).toFixed(2)}`);
  await palette.marked.getByText('Set alert').waitFor();
  await palette.field.press('Enter');
  await alerts.error.getByText(/^This is so already/).waitFor();
  await page.keyboard.press('Escape');
  await alerts.isClosed();
  await page.locator('body').press('Control+k');
  await palette.field.fill('ZZZZZZ > 5');
  await page.getByText('Nothing found').or(palette.options.first()).first().waitFor();
  assert.equal(await palette.options.filter({ hasText: 'Set alert' }).count(), 0);
  assert.equal(await list.sideways(), 0);
  assert.equal(refusals(complaints, 422), 1);
  await context.close();
});

for (const viewport of [undefined, PHONE, NARROW]) {
  test(`many alerts are paused, resumed and deleted together, and it is undone (${viewport?.width ?? 'desktop'})`, async () => {
    const { page, context, complaints, account, list, alerts } = await begin(
      `bulk-${viewport?.width ?? 'desktop'}@example.com`,
      viewport && { viewport },
    );
    for (const symbol of ['AAPL', 'MSFT', 'TSLA']) {
      await account.post('/alerts', { symbol, condition: { type: 'crosses_above', price: '1000000' } });
    }
    await alerts.link.click();
    await alerts.shows(3);
    assert.equal(await page.title(), 'Alerts – Watchtape');
    await accessible(page);
    await alerts.select('AAPL rises above 1,000,000.00');
    await alerts.select('TSLA rises above 1,000,000.00');
    await alerts.bar.getByText('2 selected').waitFor();
    await accessible(page);
    assert.equal(await list.sideways(), 0);
    await alerts.bar.getByRole('button', { name: 'Pause' }).click();
    await alerts.shows(1);
    assert.deepEqual(await statesOf(account), ['AAPL paused', 'MSFT active', 'TSLA paused']);
    await page.getByRole('button', { name: 'Undo' }).last().click();
    await alerts.shows(3);
    assert.deepEqual(await statesOf(account), ['AAPL active', 'MSFT active', 'TSLA active']);
    // The keys of a list undo here too: what was undone is done again, and undone.
    await page.locator('h1').click();
    await page.keyboard.press('Control+Shift+z');
    await alerts.shows(1);
    await alerts.show('Paused');
    await alerts.shows(2);
    await page.getByRole('checkbox', { name: 'Select all' }).click();
    await alerts.bar.getByRole('button', { name: 'Delete' }).click();
    await alerts.shows(0);
    assert.deepEqual(await statesOf(account), ['MSFT active']);
    await page.getByRole('button', { name: 'Undo' }).last().click();
    await alerts.shows(2);
    assert.deepEqual(await statesOf(account), ['AAPL paused', 'MSFT active', 'TSLA paused']);
    await page.getByRole('searchbox', { name: 'Symbol' }).fill('ts');
    await alerts.shows(1);
    assert.deepEqual(await alerts.sentences(), ['TSLA rises above 1,000,000.00']);
    await page.getByRole('searchbox', { name: 'Symbol' }).fill('q');
    await page.getByText('No alerts for “q” here.').waitFor();
    assert.equal(await list.sideways(), 0);
    quiet(complaints);
    await context.close();
  });
}

test('a line on the chart is dragged to another price, and the change undone', async () => {
  const { page, context, complaints, account, alerts, security } = await begin('drag@example.com');
  const { items } = await account.get('/quotes?symbols=AAPL');
  const price = Number(items[0].price);
  const level = (price * 1.004).toFixed(2);
  await account.post('/alerts', { symbol: 'AAPL', condition: { type: 'crosses', price: level } });
  await security.open('AAPL');
  await security.shows('Day');
  await security.colours();
  await page.locator(`price-chart[data-levels="${Number(level)}"]`).waitFor();
  // Where the line is: the pointer says so.
  const box = await page.locator('.chart-plot').boundingBox();
  const [x, bottom] = [box.x + box.width / 3, box.y + box.height - 40];
  let y = box.y;
  for (; y < bottom; y += 4) {
    await page.mouse.move(x, y);
    if (await page.locator('.chart-plot').evaluate((plot) => plot.style.cursor === 'ns-resize')) break;
  }
  assert.ok(y < bottom, 'the line can be taken hold of');
  await page.mouse.move(x, y + 3);
  await page.mouse.down();
  await page.mouse.move(x, y + 60, { steps: 5 });
  await page.mouse.up();
  await alerts.says(/^Alert changed: AAPL crosses/);
  const [moved] = (await account.get('/alerts')).items;
  assert.ok(Number(moved.condition.price) < Number(level), `${moved.condition.price} is lower than ${level}`);
  await page.locator(`price-chart[data-levels="${Number(moved.condition.price)}"]`).waitFor();
  await page.getByRole('button', { name: 'Undo' }).last().click();
  await page.locator(`price-chart[data-levels="${Number(level)}"]`).waitFor();
  const [back] = (await account.get('/alerts')).items;
  assert.equal(Number(back.condition.price), Number(level));
  // The other way, by keys: the form has the same alert.
  await page.locator('body').press('a');
  await page.getByRole('button', { name: /^Edit “AAPL crosses/ }).waitFor();
  await accessible(page);
  quiet(complaints);
  await context.close();
});

test('the past of an alert is told before it is set, and marked on the chart', async () => {
  const { page, context, complaints, account, alerts, security } = await begin('past@example.com');
  const { items } = await account.get('/tickers/AAPL/bars?interval=1d&limit=30').catch(() => ({ items: [] }));
  const closes = items.map(({ close }) => Number(close)).toSorted((one, other) => one - other);
  await security.open('AAPL');
  await security.shows('Day');
  await page.locator('body').press('a');
  const middle = closes.length > 0 ? closes[Math.floor(closes.length / 2)] : await alerts.suggested();
  await alerts.condition.selectOption('crosses');
  await alerts.price.fill(middle.toFixed(2));
  const told = alerts.form.getByText(/^Would have triggered (once|\d+ times) in the last \d+ days, known to the (day|minute)/);
  await told.waitFor();
  await accessible(page);
  await alerts.form.getByRole('button', { name: 'Show on the chart' }).click();
  await alerts.isClosed();
  await page.getByRole('button', { name: 'Month', exact: true }).click();
  await page.locator('price-chart:not([data-marks="0"])').waitFor();
  await page.getByText(/^Marked: when “AAPL crosses/).waitFor();
  await page.getByRole('button', { name: 'Hide marks' }).click();
  await page.locator('price-chart[data-marks="0"]').waitFor();
  quiet(complaints);
  await context.close();
});

test('German: the form, the notice and the page are in German', async () => {
  const { page, context, complaints, alerts, list } = await begin('deutsch@example.com', { locale: 'de-DE', viewport: NARROW });
  await alerts.openByKey('AAPL');
  const typed = await alerts.price.inputValue();
  assert.match(typed, /^[\d.]+,\d\d/);
  await alerts.price.fill('1.000.000,50');
  assert.equal(await list.sideways(), 0);
  await accessible(page);
  await page.keyboard.press('Enter');
  await alerts.says('Alarm gesetzt: AAPL steigt über 1.000.000,50');
  await page.getByRole('link', { name: 'Alarme' }).click();
  await page.getByRole('heading', { name: 'Alarme', level: 1 }).waitFor();
  assert.deepEqual(await alerts.sentences(), ['AAPL steigt über 1.000.000,50']);
  assert.equal(await list.sideways(), 0);
  await accessible(page);
  quiet(complaints);
  await context.close();
});
