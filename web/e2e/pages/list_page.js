// The open watchlist: the way into the palette, rows, badges.

export class ListPage {
  constructor(page) {
    this.page = page;
    this.search = page.getByRole('button', { name: 'Search or type a command' });
    this.options = page.getByRole('option');
    this.feedBadge = page.getByTestId('feed-badge');
    this.connectionBadge = page.getByTestId('connection-badge');
    this.rows = page.locator('[data-symbol][role=row]');
    this.undo = page.getByRole('button', { name: 'Undo' });
  }

  row(symbol) {
    return new Row(this.page, symbol);
  }

  symbols() {
    return this.rows.evaluateAll((rows) => rows.map((row) => row.dataset.symbol));
  }

  // Waits until the rows are these, in this order.
  async showsRows(...symbols) {
    await this.page.waitForFunction(
      (wanted) =>
        [...document.querySelectorAll('[data-symbol][role=row]')].map((row) => row.dataset.symbol).join() === wanted,
      symbols.join(),
    );
  }

  // With the keyboard alone: Ctrl+K opens the palette, Enter adds the best result, Escape closes it.
  async addByKeyboard(query, symbol) {
    await this.page.locator('.tab[aria-current=page]').waitFor();
    await this.page.locator('body').press('Control+k');
    // At once: of what is typed letter by letter the first letters' results may be what is seen, and Enter not taken. Nor is
    // it for what is suggested before anything is typed, in which nothing is marked.
    await this.page.keyboard.insertText(query);
    await this.page.locator(`[role=option][aria-selected=true][data-symbol="${symbol}"]:has(mark)`).waitFor();
    await this.page.keyboard.press('Enter');
    await this.row(symbol).element.waitFor();
    await this.page.keyboard.press('Escape');
    await this.page.getByRole('dialog').waitFor({ state: 'hidden' });
  }

  // Waits until the badge of the connection is in this state.
  async isLinked(state) {
    await this.page.locator(`[data-testid=connection-badge][data-state=${state}]`).waitFor();
  }

  // How many pixels the page is wider than the screen.
  sideways() {
    return this.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  }

  // Puts words into the badges: the states they name are rare and short.
  async sayInBadges(state, words, trouble) {
    await this.connectionBadge.evaluate(
      (badge, [state, words]) => {
        badge.dataset.state = state;
        badge.querySelector('.badge-text').textContent = words;
      },
      [state, words],
    );
    await this.feedBadge.evaluate((badge, trouble) => {
      badge.querySelector('.badge-trouble').textContent = trouble;
    }, trouble);
  }

  async toggleChange() {
    await this.page.getByRole('button', { name: /^Change (in percent|as an amount)/ }).click();
  }

  async logOut() {
    await this.page.getByRole('button', { name: 'Account' }).click();
    await this.page.getByRole('button', { name: 'Sign out' }).click();
  }
}

class Row {
  constructor(page, symbol) {
    this.page = page;
    this.element = page.locator(`[role=row][data-symbol="${symbol}"]`);
    this.price = this.element.locator('.column-price .figure');
    this.absent = this.element.locator('.column-price .absent');
    this.change = this.element.locator('.change [aria-hidden]');
    this.age = this.element.locator('.age');
    this.remove = this.element.getByRole('button', { name: `Remove ${symbol}` });
  }

  // Waits until the price is another one, and gives it.
  async nextPrice() {
    const before = await this.price.textContent();
    const handle = await this.price.elementHandle();
    await this.page.waitForFunction(([figure, text]) => figure.textContent !== text, [handle, before]);
    return this.price.textContent();
  }
}
