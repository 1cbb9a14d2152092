// Stands between the browser and the server and notes what is really asked for, whoever in the browser asks: the page,
// its service worker, or the browser itself. What comes from a cache does not pass.

import { createServer, connect } from 'node:net';

export class Gate {
  #server;
  #target;
  #sockets = new Set();
  // The paths that were asked for, in order.
  asked = [];

  static async open(port) {
    const gate = new Gate();
    gate.#server = createServer((browser) => gate.#join(browser));
    await new Promise((resolve) => gate.#server.listen(port, '127.0.0.1', resolve));
    gate.origin = `http://127.0.0.1:${port}`;
    return gate;
  }

  // Passes everything on to a server.
  leadTo(origin) {
    this.#target = new URL(origin);
  }

  // Ends every connection, and takes none until it leads to a server again.
  cut() {
    this.#target = undefined;
    this.#sockets.forEach((socket) => socket.destroy());
  }

  async close() {
    this.#sockets.forEach((socket) => socket.destroy());
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(browser) {
    if (!this.#target) return browser.destroy();
    const server = connect(Number(this.#target.port), this.#target.hostname);
    browser.on('data', (chunk) => {
      const path = /^[A-Z]+ (\S+) HTTP\/1\.1\r\n/.exec(chunk.toString('latin1'))?.[1];
      if (path) this.asked.push(path);
    });
    for (const [from, to] of [[browser, server], [server, browser]]) {
      this.#sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => this.#sockets.delete(from));
      from.pipe(to);
    }
  }
}
