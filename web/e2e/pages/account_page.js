// The account: its sections, and the panel that its button opens.

export class AccountPage {
  constructor(page) {
    this.page = page;
    this.button = page.getByRole('button', { name: 'Account', exact: true });
    this.panel = page.locator('#account-panel');
    this.sections = page.getByRole('navigation', { name: 'Sections of the account' });
    this.key = page.getByRole('textbox', { name: 'Your new key' });
    this.messages = page.getByRole('region', { name: 'Messages' });
    this.guestBar = page.getByRole('complementary', { name: 'Demo account' });
  }

  // Opens a section by its link.
  async open(section) {
    await this.sections.getByRole('link', { name: section }).click();
    await this.page.getByRole('link', { name: section }).and(this.page.locator('[aria-current=page]')).waitFor();
  }

  // Opens what the account's button opens.
  async openPanel() {
    await this.button.click();
    await this.panel.getByRole('button', { name: 'Sign out' }).waitFor();
  }

  // One of a list: a device, a key, an event.
  entry(text) {
    return this.page.getByRole('main').getByRole('listitem').filter({ hasText: text });
  }

  async says(text) {
    await this.messages.getByText(text).first().waitFor();
  }

  // Chooses by a word, as with a finger on the word.
  async choose(group, word) {
    await this.page.getByRole('group', { name: group }).last().getByText(word, { exact: true }).click();
  }

  attribute(name) {
    return this.page.evaluate((name) => document.documentElement.dataset[name], name);
  }

  colour(selector) {
    return this.page.locator(selector).first().evaluate((element) => getComputedStyle(element).color);
  }

  async tryAsGuest() {
    await this.page.getByRole('button', { name: 'Try it without an account' }).click();
  }
}
