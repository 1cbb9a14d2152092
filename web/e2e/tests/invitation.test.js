// Servers on which not everybody may open an account.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuthPage } from '../pages/auth_page.js';
import { ListPage } from '../pages/list_page.js';
import { DESKTOP, quiet } from '../support/browser.js';
import { Server } from '../support/server.js';
import { stage } from '../support/stage.js';

const [EMAIL, PASSWORD] = ['invited@example.com', 'correct horse battery'];
const { server, browser } = await stage('--registration', 'invite');

test('who is invited opens an account by the link, and its token does not stay in the address bar', async () => {
  const { page, context, complaints } = await browser.open(server.origin, { viewport: DESKTOP });
  const [auth, list] = [new AuthPage(page), new ListPage(page)];
  await page.goto('/register');
  await auth.invitation.waitFor();
  assert.equal(await page.getByRole('button', { name: 'Try it without an account' }).count(), 0, 'no guests');
  await auth.submitRegistration(EMAIL, PASSWORD);
  await page.getByText(/by invitation here/).first().waitFor();

  const link = server.invitation(EMAIL);
  await page.goto(link);
  await auth.invitation.waitFor();
  assert.equal(page.url(), `${server.origin}/register`);
  await auth.submitRegistration(EMAIL, PASSWORD);
  await list.search.waitFor();
  await list.logOut();
  await auth.password.waitFor();

  // The whole link, pasted; it has been used.
  await page.goto('/register');
  await auth.invitation.fill(link);
  await auth.submitRegistration('another@example.com', PASSWORD);
  await page.getByText(/has been used, has expired/).first().waitFor();
  quiet(complaints.filter((text) => !text.includes('status of 403')));
  await context.close();
});

test('where nobody may, there is no form', async (t) => {
  const closed = await Server.start('--registration', 'closed');
  t.after(() => closed.stop());
  const { page, context, complaints } = await browser.open(closed.origin, { viewport: DESKTOP });
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.goto('/register');
  await page.getByText('Nobody can create an account on this server.').waitFor();
  const questions = asked.filter((path) => path === '/api/v1/auth/guest');
  assert.equal(questions.length, 1, 'the form and the way in for guests share the answer');
  assert.equal(await page.getByRole('button', { name: 'Create account' }).count(), 0);
  await page.getByRole('link', { name: 'Sign in' }).waitFor();
  quiet(complaints);
  await context.close();
});
