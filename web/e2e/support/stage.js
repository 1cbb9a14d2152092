// What the tests of a file play on: one server and one browser, ended with the last of them.

import { after } from 'node:test';
import { Browser } from './browser.js';
import { CLOCK, Clock } from './clock.js';
import { Server } from './server.js';

// Starts both; the server with these flags.
export function stage(...flags) {
  return start(CLOCK, flags);
}

// Starts both at a moment that the tests' expectations are made for; pages tell times in UTC.
export function stageAt(moment, ...flags) {
  return start(Clock.at(moment), flags, { timezoneId: 'UTC' });
}

async function start(clock, flags, options) {
  const [server, browser] = await Promise.all([Server.startBy(clock, ...flags), Browser.launch()]);
  after(() => Promise.all([browser.close(), server.stop()]));
  browser.usually = { clock, ...options };
  return { server, browser };
}
