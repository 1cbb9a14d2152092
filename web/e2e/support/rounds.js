// What a person does over and over in a day, as fast as the page follows: scrolling through a list, going to another
// list, opening a security and coming back.

export class Rounds {
  #page;
  #ids;
  #turn = 0;

  // On the page of one of these lists.
  constructor(page, ids) {
    this.#page = page;
    this.#ids = ids;
  }

  // From the top of the list to its end and back, a screen at a time; a frame is drawn at each.
  async scroll() {
    await this.#page.evaluate(async () => {
      const frame = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      const { scrollHeight } = document.documentElement;
      for (let top = 0; top < scrollHeight; top += innerHeight) {
        scrollTo(0, top);
        await frame();
      }
      scrollTo(0, 0);
      await frame();
    });
  }

  // To the next list.
  async change() {
    this.#turn += 1;
    const id = this.#ids[this.#turn % this.#ids.length];
    await this.#page.locator(`.tab[href$="${id}"]`).click();
    await this.#page.locator(`.tab[href$="${id}"][aria-current=page]`).waitFor();
    await this.#page.locator('[role=row][data-symbol]').first().waitFor();
  }

  // The page of a security of the list, and back to the list.
  async visit() {
    await this.#page.locator('[role=row][data-symbol] a.symbol').first().click();
    await this.#page.locator('.chart[aria-busy=false]').waitFor();
    await this.#page.goBack();
    await this.#page.locator('[role=row][data-symbol]').first().waitFor();
  }
}
