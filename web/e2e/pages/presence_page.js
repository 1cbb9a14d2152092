// What the app says of its own connection, and of its tab.

export class PresencePage {
  constructor(page) {
    this.page = page;
    this.banner = page.getByTestId('lost-banner').and(page.locator('.shown'));
    this.status = this.banner.getByRole('status');
    this.tryNow = this.banner.getByRole('button', { name: 'Try now' });
    this.update = page.locator('.update');
    this.icon = page.locator('link[rel=icon]');
    this.badge = page.getByTestId('connection-badge');
  }

  async isGone() {
    await this.banner.waitFor({ state: 'detached' });
  }

  // Waits until the tab's title is like this.
  async isTitled(pattern) {
    await this.page.waitForFunction(([source]) => new RegExp(source).test(document.title), [pattern.source]);
  }

  // Chooses as the preferences do, which is kept for the next load of the page.
  async prefers(name, choice) {
    await this.page.evaluate(([name, choice]) => localStorage.setItem(`watchtape.${name}`, choice), [name, choice]);
    await this.page.reload();
  }

  // Makes the page believe that nobody sees it, or that somebody does again. Chromium without a window hides no tab.
  async isSeen(seen) {
    await this.page.evaluate((seen) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => !seen });
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => (seen ? 'visible' : 'hidden') });
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    }, seen);
  }

  // Stops the page's time, which `page.clock` then moves. For pages whose clock is installed.
  async holdsTime() {
    // A moment ahead: the page's time goes on until it is told.
    await this.page.clock.pauseAt(await this.page.evaluate(() => Date.now() + 5_000));
  }

  // Notes when, by the page's clock, a price changes, and what animation it has then; gives what was noted so far.
  async notesChanges(symbol) {
    const noted = await this.page.evaluateHandle((symbol) => {
      const noted = [];
      const price = document.querySelector(`[role=row][data-symbol="${symbol}"] .column-price > *`);
      const note = () => noted.push({ at: Date.now(), animation: getComputedStyle(price).animationName });
      new MutationObserver(note).observe(price.querySelector('.figure'), { characterData: true, childList: true, subtree: true });
      return noted;
    }, symbol);
    return () => noted.jsonValue();
  }

  // The classes of prices that flash while somebody looks for so many changes of one price.
  async flashes(symbol, count) {
    return this.page.evaluate(
      ([symbol, count]) =>
        new Promise((resolve) => {
          const found = [];
          const price = document.querySelector(`[role=row][data-symbol="${symbol}"] .column-price > *`);
          const observer = new MutationObserver(() => {
            const { animationName, animationDuration } = getComputedStyle(price);
            const arrow = price.querySelector('.arrow').textContent;
            found.push({ animationName, milliseconds: parseFloat(animationDuration) * 1000, arrow });
            if (found.length === count) {
              observer.disconnect();
              resolve(found);
            }
          });
          observer.observe(price, { attributeFilter: ['class'] });
        }),
      [symbol, count],
    );
  }
}
