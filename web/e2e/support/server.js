// The real server with the real app, a process of its own with a folder of its own.

import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CLOCK } from './clock.js';

export class Server {
  #child;
  #folder;
  #flags;
  #clock;

  constructor(child, folder, flags, clock, origin) {
    this.#child = child;
    this.#folder = folder;
    this.#flags = flags;
    this.#clock = clock;
    this.origin = origin;
  }

  // Starts `watchtape serve` with these flags, and waits until it listens.
  static start(...flags) {
    return Server.startBy(CLOCK, ...flags);
  }

  // The same with a clock of its own, which it keeps when it is started again.
  static async startBy(clock, ...flags) {
    const folder = await mkdtemp(join(tmpdir(), 'watchtape-e2e-'));
    const { child, address } = await serve(folder, '127.0.0.1:0', process.env.WATCHTAPE_WEB_DIR, flags, clock);
    return new Server(child, folder, flags, clock, `http://${address}`);
  }

  // Starts it again after `kill`, at the same address with the same data; perhaps with another version of the app.
  async restart(webDir = process.env.WATCHTAPE_WEB_DIR) {
    const { child } = await serve(this.#folder, new URL(this.origin).host, webDir, this.#flags, this.#clock);
    this.#child = child;
  }

  // A link to set a new password, as the operator makes one.
  resetLink(email) {
    return this.#link('reset-link', email);
  }

  // A link to open an account.
  invitation(email) {
    return this.#link('invite', email);
  }

  #link(command, email) {
    const settings = ['--data-dir', this.#folder, '--public-origin', this.origin];
    const options = { encoding: 'utf8', env: this.#clock.environment() };
    const { stdout, stderr } = spawnSync(process.env.WATCHTAPE_BIN, ['user', command, email, ...settings], options);
    if (!stdout) throw new Error(stderr);
    return stdout.trim();
  }

  // Kills the process; the folder stays for `restart`.
  async kill() {
    const child = this.#child;
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    }
  }

  async stop() {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function serve(folder, listen, webDir, flags, clock) {
  const settings = ['--listen', listen, '--data-dir', folder, '--web-dir', webDir,
    '--registrations-per-hour', '0', '--drain-seconds', '0'];
  const options = { stdio: ['ignore', 'ignore', 'pipe'], env: clock.environment() };
  const child = spawn(process.env.WATCHTAPE_BIN, ['serve', ...settings, ...flags], options);
  for await (const line of createInterface({ input: child.stderr })) {
    const event = JSON.parse(line);
    if (event.message === 'listening') {
      child.stderr.resume();
      return { child, address: event.address };
    }
  }
  throw new Error('the server stopped before it listened');
}

// A port that nobody listens on, for a program that cannot be told to choose one.
export async function freePort() {
  const probe = createServer();
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
