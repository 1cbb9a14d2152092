// The service worker: keeps the app's shell on the device, so that an installed app opens without a network and says
// so itself; and shows what alerts have triggered while the app is closed. Prices, lists and whatever else the API answers
// are never kept.
//
// The bundler fills in this version's files, each with the digest of its contents, so a page only ever gets files of its
// own version, whole and of the right type, whatever a proxy has answered in their place or a disk has made of them. A
// cache holds one version, and goes when the next one takes over. Storage may be full or forbidden: then nothing is kept.

const VERSION = "bundle:version";
// What every page loads, by address, each with its digest.
const SHELL = new Map(["bundle:shell"]);
// What is kept once it has been asked for: parts that are loaded later, and texts.
const LATER = new Map(["bundle:later"]);
// Files that are not kept.
const PUBLIC = new Set(["bundle:public"]);

const PREFIX = "watchtape-";
const CACHE = PREFIX + VERSION;
const PAGE = "/";
const DEADLINE_MS = 3000;
// Addresses of the server that are no pages of the app; a symbol such as BRK.B looks like a file and is none.
const SERVED = /^\/(api|assets|docs|livez|readyz|metrics)(\/|$)/;
const TYPES = { css: "text/css", js: "text/javascript", txt: "text/plain", wasm: "application/wasm" };

addEventListener("install", (event) => event.waitUntil(fill()));

addEventListener("activate", (event) => event.waitUntil(takeOver()));

addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) {
    return;
  }
  const digest = SHELL.get(pathname) ?? LATER.get(pathname);
  if (request.mode === "navigate") {
    if (!SERVED.test(pathname) && !PUBLIC.has(pathname)) {
      event.respondWith(page(request));
    }
  } else if (digest) {
    event.respondWith(file(event, pathname, digest));
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

// An alert has triggered while the app may be closed. What the server sends is small JSON: {title, body, url, event_id}.
addEventListener("push", (event) => event.waitUntil(tell(event.data)));

addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.url));
});

// The browser may hold a message back and give it twice: one event is one notification.
async function tell(data) {
  let said = {};
  try {
    said = data?.json() ?? {};
  } catch {
    // The browser wants a notification for every message, whatever is in it.
  }
  const { title = "Watchtape", body = "", url = PAGE, event_id: tag } = said;
  await registration.showNotification(title, {
    body,
    tag,
    data: { url },
    icon: "/icons/app-192.png",
    badge: "/icons/app-192.png",
  });
}

// Opens a page of the app: in a tab that is open already, if there is one.
async function open(address) {
  const url = new URL(address ?? PAGE, location.origin);
  // A message of a server that has gone wrong leads nowhere else.
  const target = url.origin === location.origin ? url.href : new URL(PAGE, location.origin).href;
  const open = await clients.matchAll({ type: "window", includeUncontrolled: true });
  const tab = open.find((client) => client.url === target) ?? open[0];
  if (!tab) return clients.openWindow(target);
  const shown = await tab.focus().catch(() => tab);
  if (shown.url === target) return shown;
  // A tab without this worker cannot be sent elsewhere.
  return shown.navigate(target).catch(() => clients.openWindow(target));
}

// The files come from the browser's own cache, where the page's visit has put them a moment ago.
async function fill() {
  const cache = await caches.open(CACHE);
  const answer = await fetch(PAGE, { cache: "no-cache" });
  if (!answer.ok || !(await isPage(answer))) {
    throw new Error("the server has another version by now");
  }
  await Promise.all([...SHELL].map(async ([path, digest]) => cache.put(path, await whole(path, digest))));
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
  const held = await find(PAGE);
  return held && (await isPage(held)) ? held : (answer ?? asked);
}

// A page that could not use what it was given asks again past every cache.
async function file(event, path, digest) {
  const held = event.request.cache === "reload" ? undefined : await find(path);
  if (held && isOfType(held, path) && (await digestOf(held)) === digest) {
    return held;
  }
  const answer = await whole(path, digest);
  event.waitUntil(keep(path, answer.clone()));
  return answer;
}

// The file of this version or nothing: if the browser's own cache has something else, once more past it.
async function whole(path, digest) {
  const ask = async (cache) => {
    const answer = await fetch(path, { cache, integrity: digest });
    if (!answer.ok || !isOfType(answer, path)) {
      throw new TypeError(`${path} is not what it should be`);
    }
    return answer;
  };
  return ask("default").catch(() => ask("reload"));
}

async function keep(path, answer) {
  try {
    await (await caches.open(CACHE)).put(path, answer);
  } catch {
    // Full or forbidden: it is asked for again the next time.
  }
}

async function find(path) {
  try {
    return await caches.match(path, { cacheName: CACHE, ignoreVary: true });
  } catch {
    return undefined;
  }
}

// Whether an answer is this version's page.
async function isPage(answer) {
  const text = await answer.clone().text();
  return [...SHELL.keys()].every((path) => text.includes(path));
}

function isOfType(answer, path) {
  const type = answer.headers.get("content-type") ?? "";
  return type.startsWith(TYPES[path.slice(path.lastIndexOf(".") + 1)]);
}

async function digestOf(answer) {
  const digest = await crypto.subtle.digest("SHA-256", await answer.clone().arrayBuffer());
  return `sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}`;
}
