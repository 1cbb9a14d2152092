// The command palette, and the dialogs that it leads to.

export class PalettePage {
  constructor(page) {
    this.page = page;
    this.button = page.getByRole('button', { name: 'Search or type a command' });
    this.dialog = page.getByRole('dialog', { name: 'Search securities, lists and actions' });
    this.field = page.getByRole('combobox', { name: 'Search securities, lists and actions' });
    this.marked = page.locator('[role=option][aria-selected=true]');
    this.options = page.getByRole('option');
    this.said = this.dialog.getByRole('status');
    this.import = page.getByRole('dialog', { name: 'Import' });
    this.shortcuts = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  }

  // By its button, as a finger or a mouse does.
  async open() {
    await this.button.click();
    await this.options.first().waitFor();
  }

  async close() {
    await this.field.press('Escape');
    await this.dialog.waitFor({ state: 'hidden' });
  }

  option(name) {
    return this.page.getByRole('option', { name });
  }

  security(symbol) {
    return this.page.locator(`[role=option][data-symbol="${symbol}"]`);
  }

  group(name) {
    return this.page.getByRole('group', { name });
  }

  // Types and waits until the answer to it is there: it begins with what no other one does.
  async find(text) {
    await this.field.fill(text);
    await this.page.waitForFunction(() => document.querySelector('[role=option] mark'));
  }

  // Does an action by its name. The key acts only where no dialog is open, and one may be about to close.
  async act(name) {
    await this.page.locator('dialog[open]').waitFor({ state: 'hidden' });
    await this.page.locator('body').press('Control+k');
    await this.field.fill(`>${name}`);
    await this.marked.getByText(name).waitFor();
    await this.field.press('Enter');
    await this.dialog.waitFor({ state: 'hidden' });
  }

  // What stands in the headings of the results.
  headings() {
    return this.page.locator('.palette-heading').allTextContents();
  }

  // Pastes a text where the focus is.
  async paste(text) {
    await this.page.evaluate((text) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', text);
      const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
      (document.activeElement ?? document.body).dispatchEvent(event);
    }, text);
  }

  // Drops a file on the page.
  async drop(name, content) {
    await this.page.evaluate(
      ([name, content]) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([content], name));
        for (const type of ['dragover', 'drop']) {
          document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
        }
      },
      [name, content],
    );
  }

  // The lines of the import that cannot be taken, as they stand in its table.
  async rejected() {
    await this.import.getByRole('table').waitFor();
    const rows = await this.import.locator('tbody tr').all();
    return Promise.all(rows.map((row) => row.getByRole('cell').allTextContents()));
  }
}
