// What the answers tell the browser to refuse does not break the pages that they are for: the app at its first visit, and
// Swagger UI, which reads the API's description and calls the API.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quiet } from '../support/browser.js';
import { stage } from '../support/stage.js';

const { server, browser } = await stage();

// Reports of the policy that the page itself sees, beside those that the console shows.
async function watchPolicy(page) {
  await page.addInitScript(() => {
    window.violations = [];
    document.addEventListener('securitypolicyviolation', (event) => {
      window.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  return () => page.evaluate(() => window.violations);
}

test('the app keeps its own policy', async () => {
  const { page, context, complaints } = await browser.open(server.origin);
  const violations = await watchPolicy(page);
  await page.goto('/login');
  await page.waitForSelector('form');
  assert.deepEqual(await violations(), []);
  quiet(complaints);
  await context.close();
});

test('Swagger UI shows the API and calls it under its policy', async () => {
  const { page, context, complaints } = await browser.open(server.origin);
  const violations = await watchPolicy(page);
  const answer = await page.goto('/docs/');
  assert.match(answer.headers()['content-security-policy'], /^default-src 'none'; object-src 'none'; script-src 'self';/);
  const operation = page.locator('#operations-operations-get_liveness');
  await operation.locator('.opblock-summary').click();
  await operation.getByRole('button', { name: 'Try it out' }).click();
  await operation.getByRole('button', { name: 'Execute' }).click();
  await operation.locator('.live-responses-table .response-col_status', { hasText: '200' }).waitFor();
  assert.deepEqual(await violations(), []);
  quiet(complaints);
  await context.close();
});
