// What the tests of a file play on: one server and one browser, ended with the last of them.

import { after } from 'node:test';
import { Browser } from './browser.js';
import { Server } from './server.js';

// Starts both; the server with these flags.
export async function stage(...flags) {
  const [server, browser] = await Promise.all([Server.start(...flags), Browser.launch()]);
  after(() => Promise.all([browser.close(), server.stop()]));
  return { server, browser };
}
