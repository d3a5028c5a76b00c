// Keeps the list of sweeps up to date while somebody looks at it.

const EVERY = 2000; // milliseconds

async function ask() {
  const list = document.getElementById("sweeps");
  if (document.hidden) return;
  try {
    const answer = await fetch(location.href);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("sweeps");
    if (fresh && fresh.innerHTML !== list.innerHTML && !list.contains(document.activeElement)) list.replaceWith(fresh);
  } catch {
    return;
  }
}

setInterval(ask, EVERY);
