// What time it is for a test, for its server and its pages alike: the real time, or one that began at a chosen moment and
// goes on as the real one does. WATCHTAPE_TEST_AT=2026-12-31T23:59:50Z chooses the moment at which each file begins.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const LIBRARIES = '/usr/lib';
const LIBRARY = 'faketime/libfaketimeMT.so.1';

export class Clock {
  // How far it is ahead of the real time.
  aheadMs;

  constructor(aheadMs) {
    this.aheadMs = aheadMs;
  }

  // A clock that shows this moment, such as 2026-12-31T23:59:50Z, now.
  static at(moment) {
    const ms = Date.parse(moment);
    if (Number.isNaN(ms)) throw new Error(`${moment} is not a moment such as 2026-12-31T23:59:50Z`);
    return new Clock(ms - Date.now());
  }

  now() {
    return Date.now() + this.aheadMs;
  }

  // The clock of somebody whose own is so much ahead of this one.
  ahead(ms) {
    return new Clock(this.aheadMs + ms);
  }

  // The environment of a program that shall have this clock. What a program waits for takes its real time.
  environment() {
    // The tests' own variables are no settings: a server that finds one does not start.
    const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('WATCHTAPE_')));
    if (this.aheadMs === 0) return inherited;
    const sign = this.aheadMs < 0 ? '-' : '+';
    return {
      ...inherited,
      LD_PRELOAD: library(),
      FAKETIME: `${sign}${(Math.abs(this.aheadMs) / 1000).toFixed(3)}`,
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    };
  }

  // Gives the pages of a context this clock. Timers stay as they are.
  async set(context) {
    if (this.aheadMs !== 0) await context.addInitScript(shift, this.aheadMs);
  }
}

// The clock of every test that names none of its own.
export const CLOCK = process.env.WATCHTAPE_TEST_AT ? Clock.at(process.env.WATCHTAPE_TEST_AT) : new Clock(0);

// Runs in the page: libfaketime, which the server has, keeps Chromium from opening tabs.
function shift(aheadMs) {
  const now = () => Real.now() + aheadMs;
  const Real = globalThis.Date;
  globalThis.Date = new Proxy(Real, {
    construct: (real, parts, target) => Reflect.construct(real, parts.length > 0 ? parts : [now()], target),
    apply: () => new globalThis.Date().toString(),
    get: (real, name) => (name === 'now' ? now : Reflect.get(real, name)),
  });
  Real.prototype.constructor = globalThis.Date;
}

function library() {
  const path = readdirSync(LIBRARIES)
    .map((folder) => join(LIBRARIES, folder, LIBRARY))
    .find(existsSync);
  if (!path) throw new Error(`${LIBRARIES}/*/${LIBRARY} is missing: install the package faketime`);
  return path;
}
