"use strict";
// Filters and sliders without a new page: the form's own link is fetched, and the parts that it changes are put in.
// Everything but adding a judge works without this file.

const root = document.documentElement;
root.classList.add("live");

const theme = "prefactor-theme";
const kept = document.getElementById(`theme-${localStorage.getItem(theme)}`);
if (kept) kept.checked = true;
for (const one of document.querySelectorAll("input[name=theme]")) {
  one.addEventListener("change", () => localStorage.setItem(theme, one.id.slice("theme-".length)));
}

let running = null;

function linkOf(form) {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (value === "" || typeof value !== "string") continue;
    const slider = form.elements[name];
    if (slider instanceof HTMLInputElement && slider.type === "range") {
      // A stands on the left, so the slider runs against the sign of the feature.
      const stands = -Number(value) || 0;
      if (stands !== Number(slider.dataset.measured)) query.append(name, stands);
    } else query.append(name, value);
  }
  const text = query.toString();
  return form.getAttribute("action") + (text ? `?${text}` : "");
}

async function show(link) {
  if (running) running.abort();
  const mine = running = new AbortController();
  root.classList.add("waiting");
  try {
    const reply = await fetch(link, { signal: mine.signal });
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    const parts = [...document.querySelectorAll("[data-part]")];
    const failed = page.querySelector(".failed");
    for (const [place, part] of parts.entries()) {
      const next = page.getElementById(part.id) || (place === 0 ? failed : null);
      if (next) part.replaceChildren(...next.childNodes);
    }
    document.title = page.title;
    history.replaceState(null, "", link);
  } catch (error) {
    if (error.name === "AbortError") return;
    const part = document.querySelector("[data-part]");
    const box = document.createElement("p");
    box.className = "failed";
    box.setAttribute("role", "alert");
    box.textContent = `The app did not answer (${error.message}). Is it still running?`;
    part.prepend(box);
  } finally {
    if (running === mine) {
      running = null;
      root.classList.remove("waiting");
    }
  }
}

for (const form of document.querySelectorAll("form[data-live]")) {
  let soon = 0;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(soon);
    show(linkOf(form));
  });
  form.addEventListener("input", (event) => {
    const typed = event.target.type === "search" || event.target.type === "range";
    if (event.target.type === "range") say(event.target);
    clearTimeout(soon);
    soon = setTimeout(() => show(linkOf(form)), typed ? 120 : 0);
  });
}

function say(slider) {
  const words = { "-1": "A has more", 0: "equal", 1: "B has more" }[slider.value];
  slider.setAttribute("aria-valuetext", words);
  slider.closest("label").querySelector("output").textContent = words;
}

// A form that the browser filled again after going back would show something else than the link says.
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
for (const form of document.querySelectorAll("form[data-live]")) form.setAttribute("autocomplete", "off");

const secret = "prefactor-token";
if (location.hash.startsWith("#token=")) {
  sessionStorage.setItem(secret, decodeURIComponent(location.hash.slice("#token=".length)));
  history.replaceState(null, "", location.pathname + location.search);
}

const add = document.getElementById("add");
if (add) {
  const outcome = document.getElementById("outcome");
  const token = add.elements.token;
  token.value = sessionStorage.getItem(secret) || "";
  const ask = async (method, judge, body) => {
    sessionStorage.setItem(secret, token.value);
    const reply = await fetch(`/judges?judge=${encodeURIComponent(judge)}`, {
      method, body, headers: { "X-Prefactor-Token": token.value },
    });
    return [reply.ok, await reply.text()];
  };
  const refused = (text) => {
    outcome.textContent = text;
    outcome.className = "failed";
  };
  add.addEventListener("submit", async (event) => {
    event.preventDefault();
    outcome.className = "";
    outcome.textContent = "Fitting …";
    const judge = add.elements.judge.value;
    try {
      const [fine, text] = await ask("POST", judge, add.elements.labels.files[0]);
      if (fine) location.assign(`/add?done=${encodeURIComponent(judge)}#cards-title`);
      else refused(text);
    } catch (error) {
      refused(`The app did not answer (${error.message}).`);
    }
  });
  for (const button of document.querySelectorAll("button.remove")) {
    button.addEventListener("click", async () => {
      const [fine, text] = await ask("DELETE", button.dataset.judge);
      if (fine) location.assign("/add");
      else refused(text);
    });
  }
}
