// The server's own API, to begin a test with more than a person would click together.

import { readFile } from 'node:fs/promises';

const CATALOGUE = new URL('../../../api/data/securities.csv', import.meta.url);

// So many symbols of the catalogue, the largest companies first.
export async function symbols(count) {
  const lines = (await readFile(CATALOGUE, 'utf8')).split('\n').slice(1, count + 1);
  return lines.map((line) => line.slice(0, line.indexOf(',')));
}

export class Account {
  #origin;
  #token;

  constructor(origin, token) {
    this.#origin = origin;
    this.#token = token;
  }

  static async register(origin, email, password) {
    const account = new Account(origin, '');
    const { access_token: token } = await account.post('/auth/register', { email, password });
    return new Account(origin, token);
  }

  // Puts what a CSV file has on a list: where none is named, on the account's first, which a new account has.
  async fill(csv, list) {
    const id = list ?? (await this.#first());
    const answer = await this.#call('POST', `/watchlists/${id}/import`, csv, 'text/csv');
    if (answer.rejected?.length > 0) throw new Error(JSON.stringify(answer.rejected));
    return id;
  }

  async #first() {
    const { items } = await this.#call('GET', '/watchlists');
    const { id } = items[0] ?? (await this.post('/watchlists', { name: 'Watchlist' }));
    return id;
  }

  get(path) {
    return this.#call('GET', path);
  }

  post(path, body) {
    return this.#call('POST', path, JSON.stringify(body), 'application/json');
  }

  patch(path, body) {
    return this.#call('PATCH', path, JSON.stringify(body), 'application/merge-patch+json');
  }

  delete(path) {
    return this.#call('DELETE', path);
  }

  async #call(method, path, body, type) {
    const headers = { ...(this.#token && { authorization: `Bearer ${this.#token}` }), ...(type && { 'content-type': type }) };
    const answer = await fetch(`${this.#origin}/api/v1${path}`, { method, headers, body });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? undefined : answer.json();
  }
}
