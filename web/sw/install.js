// Installs the service worker once the page stands, and tells the app of a new version.
//
// Between this and the app are three events of the window: `watchtape-update` (a new version is ready), and from the
// app `watchtape-reload` (go on with it) and `watchtape-check` (look for one).

const VERSION = "bundle:version";
const workers = navigator.serviceWorker;

// Not there without HTTPS, except on this machine, and in some private windows.
if (workers) {
  const idle = window.requestIdleCallback ?? ((run) => setTimeout(run, 2000));
  const begin = () => idle(() => install().catch(() => {}));
  if (document.readyState === "complete") {
    begin();
  } else {
    addEventListener("load", begin, { once: true });
  }
}

async function install() {
  const registration = await workers.register("/sw.js", { updateViaCache: "none" });
  // One of this page's own version takes over at once; another one answers that it is there.
  const ask = (worker) => worker?.postMessage({ page: VERSION });
  const follow = (worker) => worker?.addEventListener("statechange", () => ask(registration.waiting));
  const check = () => registration.update().catch(() => {});

  workers.addEventListener("message", ({ data }) => data === "update" && dispatchEvent(new Event("watchtape-update")));
  workers.startMessages();
  // Another tab went on to a new version.
  workers.addEventListener("controllerchange", () => ask(workers.controller));
  registration.addEventListener("updatefound", () => follow(registration.installing));
  follow(registration.installing);
  ask(registration.waiting);

  addEventListener("watchtape-check", check);
  addEventListener("watchtape-reload", () => {
    if (registration.waiting) {
      workers.addEventListener("controllerchange", () => location.reload(), { once: true });
      registration.waiting.postMessage({ take: true });
    } else {
      location.reload();
    }
  });
}
