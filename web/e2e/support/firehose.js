// A market that never rests: in front of a real server, it answers for one very long list and sends its prices itself,
// all of them, whatever the page has subscribed to. What the page makes of that is the worst it can meet.

import { createServer, request } from 'node:http';
import { WebSocketServer } from 'ws';

const SECOND = 1000;

export class Firehose {
  #server;
  #sockets;
  #target;
  #rows;
  #perSecond;
  #round = 0;
  sent = 0;

  constructor(target, { rows, perSecond, roundsPerSecond = 10 }) {
    this.#target = new URL(target);
    this.#rows = Array.from({ length: rows }, (_, at) => `S${String(at).padStart(4, '0')}`);
    this.#perSecond = perSecond;
    this.#sockets = new WebSocketServer({ noServer: true, handleProtocols: (offered) => [...offered][0] });
    this.#sockets.on('connection', (socket) => this.#greet(socket));
    this.#server = createServer((incoming, answer) => this.#answer(incoming, answer));
    this.#server.on('upgrade', (incoming, stream, head) => {
      this.#sockets.handleUpgrade(incoming, stream, head, (socket) => this.#sockets.emit('connection', socket));
    });
    this.pause = SECOND / roundsPerSecond;
  }

  static async start(target, options) {
    const hose = new Firehose(target, options);
    await new Promise((resolve) => hose.#server.listen(0, '127.0.0.1', resolve));
    hose.origin = `http://127.0.0.1:${hose.#server.address().port}`;
    hose.clock = setInterval(() => hose.#tick(), hose.pause);
    return hose;
  }

  async stop() {
    clearInterval(this.clock);
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(incoming, answer) {
    const { method, url, headers } = incoming;
    const list = method === 'GET' && /^\/api\/v1\/watchlists\/wl_[^/]+(\?.*)?$/.test(url);
    const target = { host: this.#target.hostname, port: this.#target.port, method, path: url, headers };
    if (list) target.headers = { ...headers, 'accept-encoding': 'identity' };
    const outgoing = request(target, (reply) => {
      if (!list || reply.statusCode !== 200) {
        answer.writeHead(reply.statusCode, reply.headers);
        reply.pipe(answer);
        return;
      }
      const parts = [];
      reply.on('data', (part) => parts.push(part));
      reply.on('end', () => {
        const told = JSON.parse(Buffer.concat(parts));
        this.list = { id: told.id, name: told.name, version: told.version };
        const body = JSON.stringify({ ...told, item_count: this.#rows.length, items: this.#items(true) });
        const { 'content-length': _, ...kept } = reply.headers;
        answer.writeHead(200, kept);
        answer.end(body);
      });
    });
    outgoing.on('error', () => answer.destroy());
    incoming.pipe(outgoing);
  }

  #greet(socket) {
    socket.on('error', () => socket.terminate());
    socket.on('message', (data) => {
      const asked = JSON.parse(data);
      const say = (message) => socket.send(JSON.stringify(message));
      if (asked.op === 'auth') {
        const limits = { max_symbols: 5000, max_message_bytes: 65536, ping_interval_ms: 25000, pong_timeout_ms: 10000 };
        const feed = { source: 'sim', mode: 'simulated' };
        say({ type: 'hello', epoch: 'e', term: 1, session: 's', server_time: new Date().toISOString(), limits, feed });
      } else if (asked.op === 'watch') {
        say({ type: 'watchlist', ...this.list, items: this.#items(false) });
        say({ type: 'snapshot', epoch: 'e', term: 1, seq: this.#round, quotes: this.#rows.map((symbol) => this.#quote(symbol)) });
        socket.isFlooded = true;
      } else if (asked.op === 'ping') {
        say({ type: 'pong', id: asked.id });
      }
    });
  }

  #tick() {
    const count = Math.round((this.#perSecond * this.pause) / SECOND);
    const now = Date.now();
    this.#round += 1;
    const rows = Array.from({ length: count }, (_, at) => {
      const symbol = this.#rows[(this.#round * count + at * 7) % this.#rows.length];
      return [symbol, this.#price(symbol, this.#round), now];
    });
    const text = JSON.stringify({ type: 'ticks', epoch: 'e', term: 1, seq: this.#round, ts: now * 1000, d: rows });
    for (const socket of this.#sockets.clients) {
      if (socket.isFlooded) {
        socket.send(text);
        this.sent += count;
      }
    }
  }

  // Walks up and down around a price of the symbol's own.
  #price(symbol, round) {
    const number = Number(symbol.slice(1));
    return (50 + (number % 400) + Math.sin(round / 9 + number) * 2).toFixed(2);
  }

  #quote(symbol) {
    const price = this.#price(symbol, this.#round);
    return {
      symbol,
      price,
      currency: 'USD',
      previous_close: this.#price(symbol, 0),
      open: price,
      high: (Number(price) + 3).toFixed(2),
      low: (Number(price) - 3).toFixed(2),
      volume: 1234567,
      as_of: new Date().toISOString(),
      source: 'sim',
      mode: 'simulated',
      stale: false,
    };
  }

  #items(withQuotes) {
    const added_at = '2026-01-02T15:00:00Z';
    return this.#rows.map((symbol, position) => {
      const item = { symbol, name: `Security number ${position}`, mic: 'XNAS', currency: 'USD', position, added_at };
      return withQuotes ? { ...item, quote: this.#quote(symbol) } : item;
    });
  }
}
