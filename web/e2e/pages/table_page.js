// The table of the open list: what of it is in the page, how it is sorted, its columns, sections and the card.

export class TablePage {
  constructor(page) {
    this.page = page;
    this.grid = page.getByRole('grid');
    this.rows = page.locator('[role=row][data-symbol]');
    this.card = page.locator('.price-card');
    this.viewButton = page.getByRole('button', { name: 'View of the table' });
    this.panel = page.getByRole('dialog', { name: 'View of the table' });
    this.ownOrder = page.getByRole('button', { name: 'Back to my order' });
  }

  row(symbol) {
    return this.page.locator(`[role=row][data-symbol="${symbol}"]`);
  }

  symbols() {
    return this.rows.evaluateAll((rows) => rows.map((row) => row.dataset.symbol));
  }

  sort(column) {
    return this.page.getByRole('columnheader').getByRole('button', { name: column, exact: true }).click();
  }

  // Waits until the rows in the page are in the order of what a column shows.
  async isSortedBy(column, falling) {
    await this.page.waitForFunction(
      ([column, falling]) => {
        const cells = [...document.querySelectorAll(`.row .column-${column}`)];
        const figures = cells.map((cell) => {
          const text = (cell.querySelector('[aria-hidden]') ?? cell).textContent;
          return Number.parseFloat(text.replaceAll(',', '').replace('−', '-').replace(/[^-\d.]/g, ''));
        });
        const rises = figures.every((figure, at) => at === 0 || figure >= figures[at - 1]);
        const falls = figures.every((figure, at) => at === 0 || figure <= figures[at - 1]);
        return figures.length > 2 && (falling ? falls : rises);
      },
      [column, falling],
    );
  }

  // The names of the columns, as the header says them.
  columns() {
    return this.page.getByRole('columnheader').evaluateAll((heads) =>
      heads.map((head) => head.className.replace('column-', '')).filter((name) => name !== 'actions'),
    );
  }

  async showsColumns(...names) {
    await this.page.waitForFunction(
      (wanted) =>
        [...document.querySelectorAll('[role=columnheader]')].map((head) => head.className.slice(7)).join() === wanted,
      ['who', ...names, 'actions'].join(),
    );
  }

  async scrollTo(top) {
    await this.page.evaluate((top) => scrollTo(0, top), top);
  }

  fold(section) {
    return this.page.getByRole('button', { name: section, exact: true });
  }

  focused() {
    return this.page.evaluate(() => document.activeElement.closest('[data-line]')?.dataset.line);
  }

  async isFocused(line) {
    await this.page.waitForFunction(
      (line) => document.activeElement?.closest('[data-line]')?.dataset.line === line,
      line,
    );
  }
}

// The stream's messages to the server, as far as they subscribe.
export function subscriptions(page) {
  const held = new Set();
  const said = { held, most: 0 };
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => {
      const message = JSON.parse(payload);
      if (message.op === 'auth') held.clear();
      if (message.op === 'subscribe') message.symbols.forEach((symbol) => held.add(symbol));
      if (message.op === 'unsubscribe') message.symbols.forEach((symbol) => held.delete(symbol));
      said.most = Math.max(said.most, held.size);
      if (message.op === 'watch') said.prices = message.prices;
    });
  });
  return said;
}
