// A security's page: head, chart, table, figures, lists.

export class SecurityPage {
  constructor(page) {
    this.page = page;
    this.price = page.locator('.security-price .figure');
    this.chart = page.locator('price-chart');
    this.legend = page.locator('.chart-legend');
    this.table = page.getByRole('table');
    this.back = page.getByRole('link', { name: /^Back to/ });
    this.note = page.getByLabel(/^Your note on/);
    this.save = page.getByRole('button', { name: 'Save' });
  }

  async open(symbol) {
    await this.page.goto(`/securities/${symbol}`);
  }

  heading(symbol) {
    return this.page.getByRole('heading', { level: 1, name: symbol });
  }

  reach(name) {
    return this.page.getByRole('button', { name, exact: true });
  }

  figure(name) {
    return this.page.locator('.key-figures dl > div', { has: this.page.getByText(name, { exact: true }) }).locator('dd');
  }

  list(symbol, name) {
    return this.page.getByRole('checkbox', { name: `${symbol} on ${name}` });
  }

  // Waits until the chosen reach is what is shown.
  async shows(reach) {
    await this.page.locator('.chart[aria-busy=false]').waitFor();
    await this.page.getByRole('button', { name: reach, exact: true, pressed: true }).waitFor();
  }

  // Waits until the chart has drawn, and counts the colours in its largest picture.
  async colours() {
    const count = () => {
      const canvases = [...document.querySelectorAll('price-chart canvas')];
      const largest = canvases.sort((one, other) => other.width * other.height - one.width * one.height)[0];
      if (!largest?.width || !largest.height) return 0;
      const { data } = largest.getContext('2d').getImageData(0, 0, largest.width, largest.height);
      // A grid and its ground are two; a price makes more.
      const { size } = new Set(new Uint32Array(data.buffer));
      return size > 2 ? size : 0;
    };
    await this.page.waitForFunction(count, undefined, { polling: 'raf' });
    return this.page.evaluate(count);
  }

  // The rows of the table on this page, as their cells' texts.
  rows() {
    return this.table.locator('tbody tr').evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent)));
  }
}
