// A webhook's other end: notes what is posted to it.

import { createServer } from 'node:http';

export class Receiver {
  #server;
  // What arrived: the headers and the body of each request.
  received = [];
  // The status that it answers with.
  status = 204;

  static async open() {
    const receiver = new Receiver();
    receiver.#server = createServer(async (request, answer) => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      receiver.received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      answer.writeHead(receiver.status).end(receiver.status >= 400 ? 'out of order' : undefined);
    });
    await new Promise((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve));
    receiver.url = `http://127.0.0.1:${receiver.#server.address().port}/hook`;
    return receiver;
  }

  async close() {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
