// Opening hours as people in three zones and two languages read them, on Thanksgiving: New York keeps a holiday, Xetra is
// open, Tokyo has its night.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuthPage } from '../pages/auth_page.js';
import { ListPage } from '../pages/list_page.js';
import { PASSWORD } from '../support/account.js';
import { Account } from '../support/api.js';
import { quiet } from '../support/browser.js';
import { stageAt } from '../support/stage.js';

const EMAIL = 'hours@example.com';
const { server, browser } = await stageAt('2026-11-26T15:00:00Z', '--sim-interval-ms', '500', '--anon-per-minute', '0');
await (await Account.register(server.origin, EMAIL, PASSWORD)).fill('symbol\nAAPL\nBMW.DE\n7203.T\n');

const READ = [
  ['en-US', 'America/New_York', [
    'Nasdaq closed for a holiday, opens Fri 09:30 AM EST',
    'Tokyo closed, opens Thu 07:00 PM EST (Fri 09:00 AM in Tokyo)',
    'Xetra open, closes Thu 11:30 AM EST (05:30 PM in Berlin)',
  ]],
  ['en-GB', 'Europe/Berlin', [
    'Nasdaq closed for a holiday, opens Fri 15:30 CET (09:30 in New York)',
    'Tokyo closed, opens Fri 01:00 CET (09:00 in Tokyo)',
    'Xetra open, closes Thu 17:30 CET',
  ]],
  ['en-GB', 'Asia/Tokyo', [
    'Nasdaq closed for a holiday, opens Fri 23:30 GMT+9 (09:30 in New York)',
    'Tokyo closed, opens Fri 09:00 GMT+9',
    'Xetra open, closes Fri 01:30 GMT+9 (Thu 17:30 in Berlin)',
  ]],
  ['de-DE', 'America/New_York', [
    'Nasdaq Feiertag, öffnet Fr 09:30 GMT−5',
    'Tokyo geschlossen, öffnet Do 19:00 GMT−5 (Fr 09:00 in Tokyo)',
    'Xetra offen, schließt Do 11:30 GMT−5 (17:30 in Berlin)',
  ]],
  ['de-DE', 'Europe/Berlin', [
    'Nasdaq Feiertag, öffnet Fr 15:30 MEZ (09:30 in New York)',
    'Tokyo geschlossen, öffnet Fr 01:00 MEZ (09:00 in Tokyo)',
    'Xetra offen, schließt Do 17:30 MEZ',
  ]],
  ['de-DE', 'Asia/Tokyo', [
    'Nasdaq Feiertag, öffnet Fr 23:30 GMT+9 (09:30 in New York)',
    'Tokyo geschlossen, öffnet Fr 09:00 GMT+9',
    'Xetra offen, schließt Fr 01:30 GMT+9 (Do 17:30 in Berlin)',
  ]],
  // A browser in a language that the app does not have is told in English, its days and figures included.
  ['ar-EG', 'Europe/Berlin', [
    'Nasdaq closed for a holiday, opens Fri 03:30 PM GMT+1 (09:30 AM in New York)',
    'Tokyo closed, opens Fri 01:00 AM GMT+1 (09:00 AM in Tokyo)',
    'Xetra open, closes Thu 05:30 PM GMT+1',
  ]],
];

for (const [locale, timezoneId, expected] of READ) {
  test(`opening hours say the state, the reader's time and zone, and the exchange's (${locale}, ${timezoneId})`, async () => {
    const { page, context, complaints } = await browser.open(server.origin, { locale, timezoneId });
    await page.goto('/login');
    await page.locator('input[name=email]').fill(EMAIL);
    await page.locator('input[name=password]').fill(PASSWORD);
    await page.locator('form button[type=submit]').click();
    await new ListPage(page).showsRows('AAPL', 'BMW.DE', '7203.T');
    await page.locator('.market-hours li').nth(2).waitFor();
    assert.deepEqual((await told(page.locator('.market-hours li'))).sort(), expected);

    // The card of a price and the page of a security say the same.
    await page.goto('/securities/AAPL');
    const hours = expected[0].slice('Nasdaq '.length);
    await page.locator('.security-hours').waitFor();
    assert.deepEqual(await told(page.locator('.security-hours')), [hours]);
    quiet(complaints);
    await context.close();
  });
}

// Texts with their white space as one space: between a time and its half of the day there may be a narrow one.
async function told(items) {
  return (await items.allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' ').trim());
}

test('the time of a price is told in the language of the page', async () => {
  const { page, context, complaints } = await browser.open(server.origin, { locale: 'ar-EG' });
  await new AuthPage(page).logIn(EMAIL, PASSWORD);
  await new ListPage(page).row('AAPL').age.click();
  const card = page.locator('.price-card dl');
  await card.getByText('15:').or(card.getByText('3:')).first().waitFor();
  assert.doesNotMatch(await page.locator('.price-card').textContent(), /[\u0600-\u06ff]/);
  quiet(complaints);
  await context.close();
});
