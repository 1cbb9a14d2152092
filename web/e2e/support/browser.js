// Chromium, and pages that fail their test when they complain.

import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import { CLOCK } from './clock.js';
import { DEADLINE_MS } from './deadline.js';

export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

// How every page must look right: each with the options of its tab.
export const LOOKS = [
  ['desktop, light', { viewport: DESKTOP, colorScheme: 'light' }],
  ['phone, dark', { viewport: PHONE, colorScheme: 'dark' }],
];

const ORDINARY = { viewport: DESKTOP, colorScheme: 'light', locale: 'en-GB', serviceWorkers: 'allow' };

export const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export class Browser {
  #browser;
  // The options of a tab that names no others.
  usually = {};

  constructor(browser) {
    this.#browser = browser;
  }

  static async launch(...flags) {
    const args = [...FLAGS, ...flags];
    return new Browser(await chromium.launch({ executablePath: process.env.CHROMIUM, headless: true, args }));
  }

  // A tab with a profile of its own; beside Playwright's options, `clock` is the time of its pages, and a `timed` one
  // has a clock and timers that `page.clock` moves. `complaints` gathers what the page writes to the console as an
  // error, what it throws, and what its content security policy stops.
  async open(origin, options = {}) {
    const { clock = CLOCK, timed = false, ...rest } = { ...this.usually, ...options };
    const context = await this.#browser.newContext({ ...ORDINARY, ...rest, baseURL: origin });
    // Two clocks in one page do not get on with each other.
    await (timed ? context.clock.install({ time: clock.now() }) : clock.set(context));
    const page = await context.newPage();
    page.setDefaultTimeout(DEADLINE_MS);
    const complaints = [];
    page.on('pageerror', (error) => complaints.push(`thrown: ${error.message}`));
    page.on('console', (message) => {
      // The browser itself reports every answer of 4xx; the first question, who is signed in, may well have one.
      const expected = message.text().includes('status of 401') && message.location().url.endsWith('/auth/refresh');
      if (message.type() === 'error' && !expected) {
        complaints.push(message.text());
      }
    });
    return { page, context, complaints };
  }

  // Records what the browser does, by Chromium's own tracing, until `traced`.
  async trace(page, categories) {
    await this.#browser.startTracing(page, { categories });
  }

  async traced() {
    return this.#browser.stopTracing();
  }

  async close() {
    await this.#browser.close();
  }
}

export function quiet(complaints) {
  assert.deepEqual(complaints, [], 'the page complained');
}
