// Another version of the app: the same files, with one of them changed, and therefore other names and another worker.

import { cp, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export async function otherVersion(webDir) {
  const folder = await mkdtemp(join(tmpdir(), 'watchtape-version-'));
  await cp(webDir, folder, { recursive: true });
  const assets = join(folder, 'assets');
  const names = await readdir(assets);
  const [boot, install] = ['boot', 'install'].map((stem) => names.find((name) => new RegExp(`^${stem}-\\w+\\.js$`).test(name)));
  const version = /VERSION = "(\w+)"/.exec(await readFile(join(folder, 'sw.js'), 'utf8'))[1];
  const changed = (text) => [boot, install].reduce((text, name) => text.replaceAll(name, next(name)), text).replaceAll(version, 'another');
  for (const path of ['index.html', 'sw.js', `assets/${boot}`, `assets/${install}`].map((name) => join(folder, name))) {
    await writeFile(path, changed(await readFile(path, 'utf8')));
    await Promise.all(['br', 'gz'].map((packed) => rm(`${path}.${packed}`, { force: true })));
  }
  await Promise.all([boot, install].map((name) => rename(join(assets, name), join(assets, next(name)))));
  return { folder, boot: next(boot), remove: () => rm(folder, { recursive: true, force: true }) };
}

const next = (name) => name.replace('-', '-0');
