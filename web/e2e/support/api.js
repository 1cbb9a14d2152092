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

  // Puts what a CSV file has on the account's first list, which a new account has.
  async fill(csv) {
    const { items } = await this.#call('GET', '/watchlists');
    const { id } = items[0] ?? (await this.post('/watchlists', { name: 'Watchlist' }));
    const answer = await this.#call('POST', `/watchlists/${id}/import`, csv, 'text/csv');
    if (answer.rejected?.length > 0) throw new Error(JSON.stringify(answer.rejected));
    return id;
  }

  post(path, body) {
    return this.#call('POST', path, JSON.stringify(body), 'application/json');
  }

  async #call(method, path, body, type) {
    const headers = { ...(this.#token && { authorization: `Bearer ${this.#token}` }), ...(type && { 'content-type': type }) };
    const answer = await fetch(`${this.#origin}/api/v1${path}`, { method, headers, body });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }
}
