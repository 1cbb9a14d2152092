// The service worker: keeps the app's shell on the device, so that an installed app opens without a network and says
// so itself. Prices, lists and whatever else the API answers are never kept.
//
// The bundler fills in this version's files. They are named by their contents, so a page only ever gets files of its
// own version; a cache holds one version, and goes when the next one takes over.

const VERSION = "bundle:version";
// What every page loads.
const SHELL = ["bundle:shell"];
// What is kept once it has been asked for: parts that are loaded later, and texts.
const LATER = ["bundle:later"];

const PREFIX = "watchtape-";
const CACHE = PREFIX + VERSION;
const PAGE = "/";
const DEADLINE_MS = 3000;
// Addresses of the server that are no pages of the app.
const SERVED = /^\/(api|docs|livez|readyz|metrics)(\/|$)|\.[^/]*$/;

const kept = new Set([...SHELL, ...LATER]);

addEventListener("install", (event) => event.waitUntil(fill()));

addEventListener("activate", (event) => event.waitUntil(takeOver()));

addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) {
    return;
  }
  if (request.mode === "navigate") {
    if (!SERVED.test(pathname)) {
      event.respondWith(page(request));
    }
  } else if (kept.has(pathname)) {
    event.respondWith(file(event));
  }
});

// A page says which version it is of, or that it wants this one. A page of another version is told that there is one.
addEventListener("message", ({ data, source }) => {
  if (data.take || data.page === VERSION) {
    skipWaiting();
  } else {
    source.postMessage("update");
  }
});

// The files come from the browser's own cache, where the page's visit has put them a moment ago.
async function fill() {
  const cache = await caches.open(CACHE);
  const answer = await fetch(PAGE, { cache: "no-cache" });
  const text = await answer.clone().text();
  if (!answer.ok || !SHELL.every((path) => text.includes(path))) {
    throw new Error("the server has another version by now");
  }
  await cache.addAll(SHELL);
  await cache.put(PAGE, answer);
}

async function takeOver() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)));
  await clients.claim();
}

// The server's page, so that a new version is seen at once; the kept one where the server has none in time.
async function page(request) {
  const asked = fetch(request);
  const late = new Promise((_, reject) => setTimeout(reject, DEADLINE_MS));
  const answer = await Promise.race([asked, late]).catch(() => undefined);
  if (answer && answer.status < 500) {
    return answer;
  }
  return (await find(PAGE)) ?? answer ?? asked;
}

async function file(event) {
  const { request } = event;
  const held = await find(request);
  if (held) {
    return held;
  }
  const answer = await fetch(request);
  if (answer.ok) {
    const copy = answer.clone();
    event.waitUntil(caches.open(CACHE).then((cache) => cache.put(request, copy)));
  }
  return answer;
}

function find(request) {
  return caches.match(request, { cacheName: CACHE, ignoreVary: true });
}
