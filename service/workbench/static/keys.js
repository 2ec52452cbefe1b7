// Single keys. Those pressed while an answer is awaited wait for it, so that fast hands lose nothing.

import { nextTab, stepThroughWords, takeSelection } from "./documents.js";
import { all, find, kept, select, selected, send, step } from "./lines.js";

const SWITCH = "autocoder-single-keys";
const keysOn = find("#shortcuts-on");
export const keysAreOn = () => keysOn?.checked ?? false;

if (keysOn) {
  keysOn.checked = localStorage.getItem(SWITCH) !== "off";
  keysOn.addEventListener("change", () => localStorage.setItem(SWITCH, keysOn.checked ? "on" : "off"));
}

let busy = false;
const waiting = [];

export function setBusy(state) {
  busy = state;
  document.body.dataset.busy = state;
}

export function replayKeys() {
  while (!busy && waiting.length) waiting.shift()();
}

const nowhere = document.createElement("p");
const press = (key) => find(`[data-key="${key}"]`, selected() ?? nowhere)?.click();
const click = (selector) => () => find(selector)?.click();
const toggle = (selector) => () => {
  const details = find(selector);
  if (details) details.open = !details.open;
};

const keys = {
  j: () => step(1),
  k: () => step(-1),
  ArrowDown: () => step(1),
  ArrowUp: () => step(-1),
  a: () => press("a"),
  r: () => press("r"),
  p: () => press("p"),
  "[": () => press("["),
  "]": () => press("]"),
  s: () => (find('[data-key="s"]', selected() ?? document) ?? find('[data-key="s"]'))?.click(),
  d: () => {
    const dating = find(".app-date:not(.app-fifth)", selected() ?? nowhere);
    if (dating) dating.open = true;
    find("input[type=date]", dating ?? nowhere)?.focus();
  },
  ".": () => {
    const fifth = find(".app-fifth", selected() ?? nowhere);
    if (!fifth) return;
    fifth.open = true;
    kept.mode = ".";
  },
  b: click("#accept-from"),
  x: click("#reject-remaining"),
  u: click("#undo"),
  y: click("#again"),
  n: click("#next"),
  f: () => {
    kept.goesOn = true;
    (find("#confirm") ?? find("#finalise") ?? find("#approve"))?.click();
  },
  c: () => startMode("c"),
  w: () => startMode("w"),
  m: () => showCandidates(0),
  e: () => (kept.mode = "e"),
  v: toggle("#left-out"),
  o: click("#context-link"),
  g: () => nextTab(),
  t: () => stepThroughWords(),
  "/": () => lookFor(getSelection().toString().trim()),
  "?": () => find("#help").showModal(),
  Escape: () => {
    closeMode();
    find(".app-cancel")?.click();
  },
};

// ---- Two keys: c and a fourth character, . and a fifth, w and a reason, m and a candidate, e and a line's number ----

const REASONS = all("#help [data-reason]").map((item) => item.dataset.reason);
let page = 0;

function startMode(mode) {
  const link = find(".app-change", selected() ?? nowhere);
  if (!link) return;
  kept.mode = mode;
  link.click();
}

export function closeMode() {
  if (kept.mode === "m") showCandidates(page);
  else kept.mode = "";
}

// Nine at a time have a digit; the same key again shows the next nine.
function showCandidates(wanted) {
  const cards = all("#candidates .app-line");
  kept.mode = cards.length ? "m" : "";
  if (!cards.length) return;
  page = wanted * 9 < cards.length ? wanted : 0;
  find("#candidates").open = true;
  cards.forEach((card, place) => (find(".app-digit", card).textContent = digitOf(place - page * 9 + 1)));
  cards[page * 9].scrollIntoView({ block: "start" });
}

const digitOf = (place) => (place >= 1 && place <= 9 ? String(place) : "");

function leaveCandidates() {
  for (const digit of all(".app-digit")) digit.textContent = "";
  kept.mode = "";
}

function goTo(number) {
  const card = all("#diagnoses .app-line")[number - 1];
  if (card) select(card, { focus: true });
  return Boolean(card);
}

// Each says whether the key meant something to it.
const secondKeys = {
  e: (key) => /^[1-9]$/.test(key) && goTo(Number(key)),
  c: (key) => {
    const code = `${selected()?.dataset.code.slice(0, 3)}${key.toUpperCase()}`;
    return /^[0-9xX]$/.test(key) && send(`replace ${kept.line} ${code}`);
  },
  ".": (key) => {
    const line = selected()?.dataset.line;
    if (/^[0-9]$/.test(key)) return send(`fifth ${line} ${key}`);
    return key === "." && send(`fifth ${line}`);
  },
  w: (key) => /^[1-8]$/.test(key) && send(`reject ${kept.line} ${REASONS[Number(key) - 1]}`),
  m: (key) => {
    const card = /^[1-9]$/.test(key) && all("#candidates .app-line")[page * 9 + Number(key) - 1];
    if (card) select(card, { scroll: false });
    return card ? send(`accept ${card.dataset.line}`) : key === "m" && (showCandidates(page + 1), true);
  },
};

function act(key) {
  const { mode } = kept;
  if (mode !== "m") kept.mode = "";
  if (mode && secondKeys[mode](key)) return;
  if (mode === "m") leaveCandidates();
  if (/^[1-9]$/.test(key)) find(`[data-digit="${key}"]`, selected() ?? nowhere)?.click();
  else keys[key]?.();
}

// ---- Where keys go ----

function lookFor(words) {
  const query = find("#query");
  if (!query) return;
  takeSelection();
  query.focus();
  if (words && words.length <= 100) {
    query.value = words;
    query.dispatchEvent(new Event("input", { bubbles: true }));
  }
  query.select();
}

document.addEventListener("keydown", (event) => {
  if (!find("#desk") || find("dialog[open]") || event.ctrlKey || event.metaKey) return;
  if (event.target.closest(".app-search")) return inFinder(event);
  if (event.altKey || event.target.closest("input, select, textarea") || !keysAreOn()) return;
  if (!Object.hasOwn(keys, event.key) && !/^[0-9]$/.test(event.key)) return;
  if (event.key.startsWith("Arrow") && event.target.closest("#documents")) return;
  event.preventDefault();
  if (busy) waiting.push(() => act(event.key));
  else act(event.key);
});

// The box for codes: arrows go to what was found, a digit takes it, Escape goes back to the line.
function inFinder(event) {
  const { key, target } = event;
  if (key === "ArrowDown" || key === "ArrowUp") return moveAmongHits(event);
  if (key === "Escape") return leaveFinder(event);
  const digit = /^Digit([1-9])$/.exec(event.code)?.[1] ?? (/^[1-9]$/.test(key) ? key : "");
  if (digit && (event.altKey || target.matches(".app-hit"))) {
    event.preventDefault();
    find(`.app-hits__list li:nth-child(${digit}) .app-hit`)?.click();
  }
  if (key === "Enter" && busy && target.id === "query") {
    event.preventDefault();
    waiting.push(() => target.form.requestSubmit());
  }
}

function leaveFinder(event) {
  event.preventDefault();
  const card = selected();
  if (card) select(card, { focus: true });
  else event.target.blur();
  find(".app-cancel")?.click();
}

function moveAmongHits(event) {
  const stops = [find("#query"), ...all(".app-hits .app-hit:not([disabled])")];
  const here = stops.indexOf(event.target);
  const next = stops[here + (event.key === "ArrowDown" ? 1 : -1)];
  if (here < 0 || !next) return;
  event.preventDefault();
  next.focus();
}
