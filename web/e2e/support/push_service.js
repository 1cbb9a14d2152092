// A push service of the test's own: a subscription as a browser has it, and what is sent to it, decrypted (RFC 8291) and with
// its sender proven (RFC 8292).

import assert from 'node:assert/strict';
import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from 'node:crypto';
import { createServer } from 'node:http';

export class PushService {
  #server;
  #keys = createECDH('prime256v1');
  #auth = randomBytes(16);
  #waiting = [];
  #received = [];

  static async start() {
    const service = new PushService();
    service.#keys.generateKeys();
    service.#server = createServer((request, response) => service.#take(request, response));
    await new Promise((resolve) => service.#server.listen(0, '127.0.0.1', resolve));
    service.origin = `http://127.0.0.1:${service.#server.address().port}`;
    return service;
  }

  // The subscription, as `PushSubscription.toJSON` gives it.
  get subscription() {
    const keys = { p256dh: this.#keys.getPublicKey('base64url'), auth: this.#auth.toString('base64url') };
    return { endpoint: `${this.origin}/push/of-a-browser`, keys };
  }

  // The next message: its text, its headers, and the public key of who sent it.
  next() {
    const message = this.#received.shift();
    return message ? Promise.resolve(message) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  async #take(request, response) {
    const parts = [];
    for await (const part of request) parts.push(part);
    const message = { text: this.#decrypt(Buffer.concat(parts)), headers: request.headers, sender: this.#senderOf(request.headers) };
    response.writeHead(201).end();
    const waits = this.#waiting.shift();
    if (waits) waits(message);
    else this.#received.push(message);
  }

  #decrypt(body) {
    const [salt, sender, sealed] = [body.subarray(0, 16), body.subarray(21, 21 + body[20]), body.subarray(21 + body[20])];
    const derive = (key, salt, info, length) => Buffer.from(hkdfSync('sha256', key, salt, info, length));
    const info = Buffer.concat([Buffer.from('WebPush: info\0'), this.#keys.getPublicKey(), sender]);
    const secret = derive(this.#keys.computeSecret(sender), this.#auth, info, 32);
    const key = derive(secret, salt, 'Content-Encoding: aes128gcm\0', 16);
    const nonce = derive(secret, salt, 'Content-Encoding: nonce\0', 12);
    const decipher = createDecipheriv('aes-128-gcm', key, nonce).setAuthTag(sealed.subarray(-16));
    const padded = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
    return padded.subarray(0, padded.lastIndexOf(2)).toString();
  }

  #senderOf({ authorization }) {
    const [, token, key] = /^vapid t=([^,]+), ?k=(.+)$/.exec(authorization);
    const [head, claims, signature] = token.split('.');
    const point = Buffer.from(key, 'base64url');
    const jwk = { kty: 'EC', crv: 'P-256', x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33).toString('base64url') };
    const proven = verify(
      'sha256',
      Buffer.from(`${head}.${claims}`),
      { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    );
    assert.ok(proven, 'the token is signed by the key beside it');
    assert.equal(JSON.parse(Buffer.from(claims, 'base64url')).aud, this.origin);
    return key;
  }

  stop() {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(resolve));
  }
}
