// How things look and how figures are written, as it was chosen in this browser.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ListPage } from '../pages/list_page.js';
import { signedUp } from '../support/account.js';
import { accessible } from '../support/axe.js';
import { quiet } from '../support/browser.js';
import { stage } from '../support/stage.js';

const { server, browser } = await stage('--sim-interval-ms', '200', '--anon-per-minute', '0');

test('a theme is chosen, kept, and there before anything is drawn', async () => {
  const { page, context, complaints, account } = await signedUp(browser, server, 'theme@example.com');
  const paper = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await paper();
  await account.openPanel();
  await account.panel.getByText('Dark', { exact: true }).click();
  const dark = await paper();
  assert.notEqual(dark, light);
  // Without the app itself, as it is before that has been loaded.
  await page.route('**/*.wasm', (route) => route.abort());
  await page.goto('/account', { waitUntil: 'domcontentloaded' });
  assert.equal(await account.attribute('theme'), 'dark');
  assert.equal(await paper(), dark);
  await page.unroute('**/*.wasm');
  quiet(complaints.filter((text) => !/ERR_FAILED|Failed to fetch|thrown/.test(text)));
  await context.close();
});

test('a palette changes the colours, density the rows, and numbers the prices', async () => {
  const { page, context, complaints, account } = await signedUp(browser, server, 'looks@example.com');
  await page.goto('/account#appearance');
  await account.choose('Rises and falls', 'Distinct');
  await account.choose('Rows', 'Dense');
  await account.choose('Movement', 'Calm');
  await account.choose('Thousands and decimals', '1.234,50');
  await page.getByText('1.234.567,89').waitFor();
  for (const [name, chosen] of [['palette', 'distinct'], ['density', 'dense'], ['motion', 'calm']]) {
    assert.equal(await account.attribute(name), chosen);
  }
  await accessible(page);
  const token = (name) => page.evaluate((name) => {
    const probe = document.body.appendChild(document.createElement('i'));
    probe.style.setProperty('color', `var(${name})`);
    const colour = getComputedStyle(probe).color;
    probe.remove();
    return colour;
  }, name);
  assert.equal(await token('--up'), 'rgb(10, 92, 168)');
  assert.equal(await token('--bad'), 'rgb(185, 42, 44)', 'what is wrong stays red');

  await page.goto('/');
  const list = new ListPage(page);
  await list.addByKeyboard('apple', 'AAPL');
  assert.match(await list.row('AAPL').nextPrice(), /^[\d.]+,\d{2,}$/);
  quiet(complaints);
  await context.close();
});
