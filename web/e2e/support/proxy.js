// A proxy between the browser and the server that may answer in the server's place, as one does that shows a page of its
// own while the server is maintained: with 200, as HTML, and to be kept for a year.

import { createServer, request } from 'node:http';
import { connect } from 'node:net';

const PAGE = '<!doctype html><title>Maintenance</title><p>Back soon.</p>';

export class Proxy {
  #server;
  #sockets = new Set();
  #target;
  // Which paths it answers itself, and how often it still does.
  #pattern;
  #left = 0;

  static async open(port) {
    const proxy = new Proxy();
    proxy.#server = createServer((incoming, answer) => proxy.#answer(incoming, answer));
    proxy.#server.on('upgrade', (incoming, socket, head) => proxy.#upgrade(incoming, socket, head));
    proxy.#server.on('connection', (socket) => proxy.#hold(socket));
    await new Promise((resolve) => proxy.#server.listen(port, '127.0.0.1', resolve));
    proxy.origin = `http://127.0.0.1:${port}`;
    return proxy;
  }

  // Passes everything on to a server.
  leadTo(origin) {
    this.#target = new URL(origin);
  }

  // Answers for these paths, so many times.
  answers(pattern, times = Infinity) {
    [this.#pattern, this.#left] = [pattern, times];
  }

  async close() {
    this.#sockets.forEach((socket) => socket.destroy());
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #hold(socket) {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
  }

  #answer(incoming, answer) {
    const { method, url, headers } = incoming;
    if (this.#left > 0 && this.#pattern.test(url)) {
      this.#left -= 1;
      answer.writeHead(200, { 'content-type': 'text/html', 'cache-control': 'public, max-age=31536000, immutable' });
      answer.end(PAGE);
      return;
    }
    const { hostname: host, port } = this.#target;
    const outgoing = request({ host, port, method, path: url, headers }, (reply) => {
      answer.writeHead(reply.statusCode, reply.headers);
      reply.pipe(answer);
    });
    outgoing.on('error', () => answer.destroy());
    incoming.pipe(outgoing);
  }

  #upgrade({ method, url, rawHeaders }, socket, head) {
    const server = connect(Number(this.#target.port), this.#target.hostname);
    this.#hold(server);
    const lines = [`${method} ${url} HTTP/1.1`];
    for (let at = 0; at < rawHeaders.length; at += 2) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
    server.write(`${lines.join('\r\n')}\r\n\r\n`);
    server.write(head);
    for (const [from, to] of [[socket, server], [server, socket]]) {
      from.on('error', () => to.destroy());
      from.pipe(to);
    }
  }
}
