// Single keys of the worklist. The switch for them is that of every page (workbench.js).

const find = (selector, within = document) => within.querySelector(selector);
const rows = () => [...document.querySelectorAll("tr[data-episode]")];
const linkOf = (row) => find("th a", row);

let kept = null;

const here = () => rows().find((row) => row.dataset.episode === kept);

function step(by) {
  const every = rows();
  const place = every.indexOf(here());
  const next = every[place < 0 ? 0 : Math.min(Math.max(place + by, 0), every.length - 1)];
  if (next) linkOf(next).focus();
}

function press(key) {
  const row = here();
  if (row) find(`[data-key="${key}"]`, row)?.click();
}

function tick() {
  const row = here();
  if (row) find("input[type=checkbox]", row)?.click();
}

const keys = {
  j: () => step(1),
  k: () => step(-1),
  c: () => press("c"),
  r: () => press("r"),
  x: tick,
  n: () => find("#next").requestSubmit(),
  "/": () => find("#site").focus(),
  "?": () => find("#help").showModal(),
};

document.addEventListener("keydown", (event) => {
  if (find("dialog[open]") || event.ctrlKey || event.metaKey || event.altKey) return;
  const field = event.target.closest("input:not([type=checkbox]), select, textarea");
  if (field || !find("#shortcuts-on").checked || !Object.hasOwn(keys, event.key)) return;
  event.preventDefault();
  keys[event.key]();
});

// In a form of many buttons the Enter key would press the first: whoever ticks a box did not ask to claim.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("#episodes input, #episodes select")) event.preventDefault();
});

document.addEventListener("focusin", (event) => {
  const row = event.target.closest("tr[data-episode]");
  if (!row) return;
  kept = row.dataset.episode;
  mark();
});

function mark() {
  for (const row of rows()) row.classList.toggle("is-selected", row.dataset.episode === kept);
}

// ---- Several at once ----

const ticks = () => [...document.querySelectorAll("input[name=episode]")];

function count() {
  const chosen = ticks().filter((one) => one.checked).length;
  const told = find("#selected");
  if (told) told.textContent = chosen ? `${chosen} selected` : "With those selected";
  const every = find("#select-all");
  if (every) every.checked = chosen > 0 && chosen === ticks().length;
}

document.addEventListener("change", (event) => {
  if (event.target.id === "select-all") for (const one of ticks()) one.checked = event.target.checked;
  if (event.target.matches("#select-all, input[name=episode]")) count();
});

// ---- After htmx replaced the list ----

document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx.target?.id !== "worklist") return;
  for (const menu of document.querySelectorAll("#worklist details[open]")) menu.open = false;
  if (event.detail.ctx.response.status < 400) for (const one of ticks()) one.checked = false;
  count();
  mark();
  const lost = document.activeElement === null || document.activeElement === document.body;
  if (lost) (here() ? linkOf(here()) : find("h1")).focus();
});

count();
