// Somebody with an account, on its page.

import { AccountPage } from '../pages/account_page.js';
import { AuthPage } from '../pages/auth_page.js';
import { quiet } from './browser.js';

export const PASSWORD = 'correct horse battery';

export async function signedUp(browser, server, email, options) {
  const opened = await browser.open(server.origin, options);
  const [auth, account] = [new AuthPage(opened.page), new AccountPage(opened.page)];
  await auth.register(email, PASSWORD);
  await account.button.waitFor();
  await opened.page.goto('/account');
  await account.sections.waitFor();
  return { ...opened, auth, account };
}

// How many refusals of this status the browser reported; they were meant, and anything else was not.
export function refusals(complaints, status) {
  const refused = complaints.filter((text) => text.includes(`status of ${status}`));
  quiet(complaints.filter((text) => !refused.includes(text)));
  return refused.length;
}
