import { AuthPage } from '/tmp/wt-changes/web/e2e/pages/auth_page.js';
import { ListPage } from '/tmp/wt-changes/web/e2e/pages/list_page.js';
import { ListChanges, tokenOf, until } from '/tmp/wt-changes/web/e2e/pages/list_changes.js';
import { Browser, DESKTOP, PHONE } from '/tmp/wt-changes/web/e2e/support/browser.js';
import { Server } from '/tmp/wt-changes/web/e2e/support/server.js';
const [server, browser] = await Promise.all([Server.start('--sim-interval-ms', '500'), Browser.launch()]);
try {
  const { page, complaints } = await browser.open(server.origin);
  const token = tokenOf(page);
  page.on('response', (r) => { if (/items|order/.test(r.url())) console.log(r.request().method(), r.url().slice(-40), r.status(), r.request().postData()); });
  const [list, changes] = [new ListPage(page), new ListChanges(page)];
  await new AuthPage(page).register('dbg@example.com', 'correct horse battery');
  await list.search.waitFor();
  const id = await until(() => page.url(), (url) => url.includes('/lists/'));
  await page.request.post(`/api/v1/watchlists/${id.split('/').pop()}/items/bulk`, { headers: { authorization: `Bearer ${await token}` }, data: { items: ['AAPL','MSFT','NVDA','TSLA','AMZN'].map((symbol) => ({ symbol })) } });
  await list.showsRows('AAPL','MSFT','NVDA','TSLA','AMZN');
  await changes.ready();
  await changes.row('TSLA').press('x');
  await changes.row('AMZN').press('x');
  await page.screenshot({ path: '/tmp/c1.png' });
  await changes.row('AMZN').press('Delete');
  await list.showsRows('AAPL', 'MSFT', 'NVDA');
  await changes.undoByKey();
  await page.waitForTimeout(3000);
  console.log(await list.symbols(), complaints);
  console.log(await page.evaluate(() => document.activeElement.outerHTML.slice(0, 200)));
  await page.screenshot({ path: '/tmp/c2.png' });
} finally { await browser.close(); await server.stop(); }
