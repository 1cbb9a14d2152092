// What is done to a list: choosing, moving, editing, undoing; and its tabs.

import { setImmediate as immediate } from 'node:timers/promises';
import { DEADLINE_MS } from '../support/deadline.js';

export class ListChanges {
  constructor(page) {
    this.page = page;
    this.bar = page.getByRole('toolbar', { name: 'Selected securities' });
    this.editor = page.locator('dialog.editor');
    this.note = this.editor.getByLabel('Note');
    this.section = this.editor.getByLabel('Section');
    this.toasts = page.getByRole('region', { name: 'Messages' });
    this.spoken = page.locator('.toasts + [role=status]');
  }

  row(symbol) {
    return this.page.locator(`[role=row][data-symbol="${symbol}"]`);
  }

  tab(name) {
    return this.page.getByRole('link', { name, exact: true });
  }

  // The tools come when somebody points at the list.
  async ready() {
    await this.page.locator('.list-body, .tabs').last().hover();
    await this.page.locator('.drag-line').waitFor({ state: 'attached' });
  }

  async edit(symbol) {
    await this.row(symbol).press('e');
    await this.editor.getByRole('heading').waitFor();
  }

  async save() {
    await this.editor.getByRole('button', { name: 'Save' }).click();
    await this.page.waitForFunction(
      () => !document.querySelector('dialog.editor').open && document.activeElement.matches('[data-symbol]'),
    );
  }

  async says(text) {
    await this.toasts.getByText(text).first().waitFor();
  }

  async speaks(text) {
    await this.page.waitForFunction(
      ([text]) => document.querySelector('.toasts + [role=status]').textContent.includes(text),
      [text],
    );
  }

  async undoByKey() {
    await this.page.keyboard.press('Control+z');
  }

  async redoByKey() {
    await this.page.keyboard.press('Control+Shift+z');
  }

  // Drags a row by its handle to below the middle of another.
  async drag(symbol, below) {
    await this.row(symbol).hover();
    const from = await this.row(symbol).locator('.row-handle').boundingBox();
    const to = await this.row(below).boundingBox();
    await this.page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
    await this.page.mouse.down();
    await this.page.mouse.move(from.x + 20, from.y + 12);
    await this.page.mouse.move(to.x + 40, to.y + to.height * 0.75, { steps: 4 });
    await this.page.locator('.drag-line:not([hidden])').waitFor();
    await this.page.mouse.up();
  }

  async newList(name) {
    await this.page.getByRole('button', { name: 'New list' }).click();
    const field = this.page.getByRole('dialog').getByRole('textbox');
    await field.fill(name);
    await field.press('Enter');
    await this.page.locator('.tab[aria-current=page]', { hasText: name }).waitFor();
  }

  tabs() {
    return this.page.locator('.tab .tab-name').allTextContents();
  }

  async showsTabs(...names) {
    await this.page.waitForFunction(
      (wanted) => [...document.querySelectorAll('.tab .tab-name')].map((tab) => tab.textContent).join() === wanted,
      names.join(),
    );
  }

  // What the server holds of the open list.
  async held(token) {
    const id = this.page.url().split('/').pop();
    const answer = await this.page.request.get(`/api/v1/watchlists/${id}`, { headers: { authorization: `Bearer ${token}` } });
    return (await answer.json()).items;
  }
}

// Reads the access token that the page sends.
export function tokenOf(page) {
  return new Promise((resolve) => {
    page.on('request', (request) => {
      const sent = request.headers().authorization;
      if (sent) resolve(sent.slice('Bearer '.length));
    });
  });
}

// Waits until what a function gives is as wanted.
export async function until(read, isWanted) {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const value = await read();
    if (isWanted(value)) return value;
    await immediate();
    if (Date.now() > deadline) throw new Error(`still ${JSON.stringify(value)}`);
  }
}
