// Another version of the app: the same files, with one of them changed, and therefore other names and another worker.

import { createHash } from 'node:crypto';
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
  // The worker compares files with their digests: it is changed last.
  const digests = [];
  for (const path of [`assets/${boot}`, `assets/${install}`, 'index.html', 'sw.js'].map((name) => join(folder, name))) {
    const before = await readFile(path, 'utf8');
    const after = digests.reduce((text, [old, its]) => text.replaceAll(old, its), changed(before));
    digests.push([digest(before), digest(after)]);
    await writeFile(path, after);
    await Promise.all(['br', 'gz'].map((packed) => rm(`${path}.${packed}`, { force: true })));
  }
  await Promise.all([boot, install].map((name) => rename(join(assets, name), join(assets, next(name)))));
  return { folder, boot: next(boot), remove: () => rm(folder, { recursive: true, force: true }) };
}

const digest = (text) => `sha256-${createHash('sha256').update(text).digest('base64')}`;
const next = (name) => name.replace('-', '-0');
