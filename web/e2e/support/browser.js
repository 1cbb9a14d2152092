// Chromium, and pages that fail their test when they complain.

import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

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

  constructor(browser) {
    this.#browser = browser;
  }

  static async launch(...flags) {
    const args = [...FLAGS, ...flags];
    return new Browser(await chromium.launch({ executablePath: process.env.CHROMIUM, headless: true, args }));
  }

  // A tab with a profile of its own. `complaints` gathers what the page writes to the console as an error, what it
  // throws, and what its content security policy stops.
  async open(origin, { viewport = DESKTOP, colorScheme = 'light', locale = 'en-GB', serviceWorkers = 'allow' } = {}) {
    const context = await this.#browser.newContext({ baseURL: origin, viewport, colorScheme, locale, serviceWorkers });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
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
