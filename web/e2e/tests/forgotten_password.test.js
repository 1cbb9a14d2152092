// A forgotten password: the link of the command line, a new password, and in.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuthPage } from '../pages/auth_page.js';
import { ListPage } from '../pages/list_page.js';
import { DESKTOP, quiet } from '../support/browser.js';
import { stage } from '../support/stage.js';

const [EMAIL, OLD, NEXT] = ['forgetful@example.com', 'correct horse battery', 'tangerine sleeps on tuesdays'];
const { server, browser } = await stage();

test('a link sets a new password, once, and its token does not stay in the address bar', async () => {
  const { page, context, complaints } = await browser.open(server.origin, { viewport: DESKTOP });
  const [auth, list] = [new AuthPage(page), new ListPage(page)];
  await auth.register(EMAIL, OLD);
  await list.search.waitFor();

  const link = server.resetLink(EMAIL);
  await page.goto(link);
  await auth.newPassword.waitFor();
  assert.equal(page.url(), `${server.origin}/reset`);
  await auth.setPassword('password123');
  await page.getByText(/most used/).first().waitFor();
  await auth.setPassword(NEXT);
  await page.getByText('Your new password is set.').waitFor();
  await auth.logIn(EMAIL, OLD);
  await auth.alert.getByText(/password/i).first().waitFor();
  await auth.logIn(EMAIL, NEXT);
  await list.search.waitFor();
  await list.logOut();
  await auth.password.waitFor();

  await page.goto(link);
  await auth.setPassword(NEXT);
  await auth.alert.getByText(/used or has expired/).first().waitFor();
  const refused = complaints.filter((text) => /status of (401|422)/.test(text));
  quiet(complaints.filter((text) => !refused.includes(text)));
  await context.close();
});

test('who has no link can ask for one', async () => {
  const { page, context, complaints } = await browser.open(server.origin, { viewport: DESKTOP });
  const auth = new AuthPage(page);
  await page.goto('/login');
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await auth.email.fill(EMAIL);
  await page.getByRole('button', { name: 'Send a link' }).click();
  await auth.alert.getByText(/sends no mail/).first().waitFor();
  quiet(complaints.filter((text) => !text.includes('status of 503')));
  await context.close();
});
