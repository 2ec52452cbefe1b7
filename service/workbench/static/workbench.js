// What forms and links cannot do: a line beside its evidence, single keys, focus that survives a swap.
// Everything is bound to the document once; htmx replaces the desk underneath.

import { initAll } from "./vendor/nhsuk-frontend.min.js";
import { reveal, setEvidence, showTab, takeSelection } from "./documents.js";

document.body.classList.add("js-enabled", "nhsuk-frontend-supported");
initAll();

const find = (selector, within = document) => within.querySelector(selector);
const all = (selector) => [...document.querySelectorAll(selector)];
const cardOf = (line) => document.getElementById(`line-${line}`);
const undecided = () => all("[data-undecided]");

// What the reader was at, kept while the desk is replaced.
const kept = { line: null, place: 0, wasUndecided: false, open: new Set(), fromSearch: false };

// ---- A line and its evidence ----

function select(card, { scroll = true, focus = false } = {}) {
  kept.line = card?.dataset.line ?? null;
  all(".app-line.is-selected").forEach((other) => other.classList.remove("is-selected"));
  all(".app-mark.is-shown").forEach((mark) => mark.classList.remove("is-shown"));
  if (!card) return;
  kept.place = Math.max(undecided().indexOf(card), 0);
  card.classList.add("is-selected");
  card.closest("details:not([open])")?.setAttribute("open", "");
  const marks = all(".app-mark").filter((mark) => mark.dataset.lines.split(" ").includes(kept.line));
  marks.forEach((mark) => mark.classList.add("is-shown"));
  if (marks.length && scroll) reveal(marks[0]);
  if (focus) card.focus();
}

// The line that a mark belongs to; where several share it, the next of them at each click.
function pickFrom(mark) {
  const lines = mark.dataset.lines.split(" ").filter(cardOf);
  const line = lines[(lines.indexOf(kept.line) + 1) % lines.length];
  if (!line) return;
  select(cardOf(line), { scroll: false, focus: true });
  cardOf(line).scrollIntoView({ block: "nearest" });
}

function step(by) {
  const cards = all(".app-line").filter((card) => card.checkVisibility());
  const here = cards.findIndex((card) => card.dataset.line === kept.line);
  const next = here < 0 ? 0 : Math.min(Math.max(here + by, 0), cards.length - 1);
  if (cards.length) select(cards[next], { focus: true });
}

document.addEventListener("focusin", (event) => {
  const card = event.target.closest(".app-line");
  if (card && card.dataset.line !== kept.line) select(card);
});

document.addEventListener("click", (event) => {
  const mark = event.target.closest(".app-mark");
  const card = event.target.closest(".app-line");
  if (mark && getSelection().isCollapsed) pickFrom(mark);
  if (card && card.dataset.line !== kept.line) select(card);
  if (event.target.closest("#help-button")) find("#help").showModal();
  if (event.target.closest("#evidence-clear")) {
    setEvidence(null);
    find("#query").focus();
  }
  for (const menu of all(".app-menu[open]")) menu.open = menu.contains(event.target);
});

// ---- Keys ----

const SWITCH = "autocoder-single-keys";
const keysOn = find("#shortcuts-on");
if (keysOn) {
  keysOn.checked = localStorage.getItem(SWITCH) !== "off";
  keysOn.addEventListener("change", () => localStorage.setItem(SWITCH, keysOn.checked ? "on" : "off"));
}

const keys = {
  j: () => step(1),
  k: () => step(-1),
  a: () => press("a"),
  r: () => press("r"),
  u: () => find("#undo")?.click(),
  "/": () => lookFor(getSelection().toString().trim()),
  "?": () => find("#help").showModal(),
};

function press(key) {
  const card = kept.line && cardOf(kept.line);
  if (card) find(`[data-key="${key}"]`, card)?.click();
}

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
  if (!find("#desk") || find("dialog[open]") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") moveAmongHits(event);
  if (event.key === "Escape" && event.target.id === "query") event.target.blur();
  if (event.target.closest("input, select, textarea") || !keysOn.checked) return;
  if (!Object.hasOwn(keys, event.key)) return;
  event.preventDefault();
  keys[event.key]();
});

function moveAmongHits(event) {
  const stops = [find("#query"), ...all(".app-hit:not([disabled])")];
  const here = stops.indexOf(event.target);
  const next = stops[here + (event.key === "ArrowDown" ? 1 : -1)];
  if (here < 0 || !next) return;
  event.preventDefault();
  next.focus();
}

// ---- Before and after htmx replaces the desk ----

document.addEventListener("htmx:before:request", (event) => {
  kept.fromSearch = event.target.matches(".app-search");
  kept.wasUndecided = undecided().some((card) => card.dataset.line === kept.line);
  kept.open = new Set(all("#desk details[open]:not(.app-menu)").map((details) => details.id));
});

document.addEventListener("htmx:after:swap", (event) => {
  const { ctx } = event.detail;
  if (ctx.target?.id !== "desk") return;
  for (const details of all("#desk details")) details.open = kept.open.has(details.id);
  showTab();
  const done = ctx.response.status < 400 && ctx.request.action.endsWith("/decisions");
  if (kept.fromSearch && done && find("#query")) {
    find("#query").value = "";
    setEvidence(null);
  }
  settle();
});

// A suggestion that was decided makes way for the next one, which gets the focus; a line of the coding keeps it.
function settle() {
  const focused = document.activeElement ?? document.body;
  const same = kept.line && cardOf(kept.line);
  const cards = undecided();
  const stays = same && (!kept.wasUndecided || cards.includes(same));
  const lost = focused === document.body || focused.disabled || (!stays && same?.contains(focused));
  const next = stays ? same : cards[Math.min(kept.place, cards.length - 1)];
  select(next ?? null, { focus: lost });
  if (lost && !next) (find("#finalise") ?? find("#suggestions-heading"))?.focus();
}

document.addEventListener("htmx:error", () => {
  const notice = document.createElement("p");
  notice.className = "app-notice app-notice--failure";
  notice.setAttribute("role", "alert");
  notice.textContent = "No answer from the service. Try again: nothing is recorded twice.";
  find("#notice")?.replaceChildren(notice);
});

showTab();
if (find("#desk")) select(undecided()[0] ?? null, { scroll: false });
