// Signing up and in.

export class AuthPage {
  constructor(page) {
    this.page = page;
    this.email = page.getByLabel('E-mail address');
    this.password = page.getByLabel('Password', { exact: true });
    this.newPassword = page.getByLabel('New password', { exact: true });
    this.invitation = page.getByLabel('Invitation');
    this.alert = page.getByRole('alert');
  }

  async register(email, password) {
    await this.page.goto('/register');
    await this.submitRegistration(email, password);
  }

  // On the page that is open.
  async submitRegistration(email, password) {
    await this.email.fill(email);
    await this.password.fill(password);
    await this.page.getByRole('button', { name: 'Create account' }).click();
  }

  async logIn(email, password) {
    await this.page.goto('/login');
    await this.email.fill(email);
    await this.password.fill(password);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
  }

  // The same whatever the page's language.
  async logInAnywhere(email, password) {
    await this.page.goto('/login');
    await this.page.locator('#email').fill(email);
    await this.page.locator('#password').fill(password);
    await this.page.keyboard.press('Enter');
  }

  async setPassword(password) {
    await this.newPassword.fill(password);
    await this.page.getByRole('button', { name: 'Set password' }).click();
  }
}
