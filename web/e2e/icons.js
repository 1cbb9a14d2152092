// Draws the installed app's icons from web/public/favicon.svg into web/public/icons: as it is, and with the mark smaller
// on a ground without corners, which a system cuts to a shape of its own (a maskable icon's middle 80 % stay).

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const at = (path) => fileURLToPath(new URL(`../public/${path}`, import.meta.url));
const mark = (await readFile(at('favicon.svg'), 'utf8')).trim();
const [ground, ink] = mark.match(/^<svg[^>]*>(<rect[^>]*>)(.*)<\/svg>$/s).slice(1);
const maskable = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">${ground.replace(/ rx="\d+"/, '')}
  <g transform="translate(16 16) scale(.72) translate(-16 -16)">${ink}</g></svg>`;

await mkdir(at('icons'), { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
for (const [name, picture] of [['app', mark], ['maskable', maskable]]) {
  for (const size of [192, 512]) {
    const page = await browser.newPage({ viewport: { width: size, height: size } });
    await page.setContent(`<body style="margin:0">${picture.replace('<svg', `<svg style="display:block;width:${size}px"`)}`);
    await writeFile(at(`icons/${name}-${size}.png`), await page.screenshot({ omitBackground: true }));
    await page.close();
  }
}
await browser.close();
