// Alerts: the bells, the form, the page of alerts, and the notices.

export class AlertsPage {
  constructor(page) {
    this.page = page;
    this.form = page.locator('dialog.tool', { has: page.getByRole('heading', { name: /^(Alerts|Alarme) / }) });
    this.condition = page.locator('#alert-condition');
    this.price = page.locator('#alert-price');
    this.set = page.getByRole('button', { name: /^(Set alert|Alarm setzen)$/ });
    this.save = page.getByRole('button', { name: 'Save', exact: true });
    this.error = this.form.locator('.field-error:visible');
    this.rows = page.locator('.alerts-row[data-alert]');
    this.events = page.locator('.alerts-row[data-event]');
    this.bar = page.getByRole('toolbar', { name: 'Selected alerts' });
    this.link = page.locator('.alerts-link');
    this.messages = page.getByRole('region', { name: /^(Messages|Meldungen)$/ });
    this.notices = page.locator('.toast.alert');
  }

  // The bell of a row.
  bell(symbol) {
    return this.page.locator(`[role=row][data-symbol="${symbol}"] .bell`);
  }

  // Opens the form by its row's key.
  async openByKey(symbol) {
    await this.page.locator(`[role=row][data-symbol="${symbol}"]`).press('a');
    await this.price.and(this.page.locator(':focus')).waitFor();
  }

  // The same where the security has alerts already.
  async openByKeyOf(symbol) {
    await this.openByKey(symbol);
    await this.page.locator('.alert-form-row').first().waitFor();
  }

  // Waits until the row says how many alerts there are: by its bell, on a phone by a mark.
  async counts(symbol, count) {
    await this.page.waitForFunction(
      ([symbol, text]) => {
        const row = document.querySelector(`[role=row][data-symbol="${symbol}"]`);
        const isShown = (element) => element?.checkVisibility();
        const bell = row.querySelector('.bell');
        const mark = row.querySelector('.alert-mark .icon');
        return isShown(bell) ? bell.ariaLabel === text : isShown(mark) && row.textContent.includes(text);
      },
      [symbol, `${count} active ${count === 1 ? 'alert' : 'alerts'} for ${symbol}`],
    );
  }

  // Waits until the form has suggested the current price, and gives it.
  async suggested() {
    await this.page.waitForFunction(() => document.querySelector('#alert-price')?.value);
    return Number((await this.price.inputValue()).replaceAll(',', ''));
  }

  async says(text) {
    await this.messages.getByText(text).first().waitFor();
  }

  async isClosed() {
    await this.page.locator('dialog[open]').waitFor({ state: 'hidden' });
  }

  // Opens the page by its link, at one of its views.
  async open(view) {
    await this.link.click();
    await this.show(view);
  }

  async show(view) {
    const button = this.page.getByRole('group', { name: 'Which alerts' }).getByRole('button', { name: view });
    await button.click();
    await button.and(this.page.locator('[aria-pressed=true]')).waitFor();
  }

  // The sentences of the alerts that are shown.
  sentences() {
    return this.rows.locator('.alerts-what').allTextContents();
  }

  // Waits until so many alerts are shown.
  async shows(count) {
    await this.page.waitForFunction((count) => document.querySelectorAll('.alerts-row[data-alert]').length === count, count);
  }

  select(sentence) {
    return this.page.getByRole('checkbox', { name: `Select “${sentence}”` }).click();
  }
}
