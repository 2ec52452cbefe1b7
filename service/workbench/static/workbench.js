// What forms and links cannot do: evidence beside its line, words selected as evidence, single keys, tabs.
// Everything is bound to the document once; htmx replaces the desk underneath.

import { initAll } from "./vendor/nhsuk-frontend.min.js";

document.body.classList.add("js-enabled", "nhsuk-frontend-supported");
initAll();

const find = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const cardOf = (line) => document.getElementById(`line-${line}`);

// What a reader looked at, kept while the desk is replaced.
const kept = { line: null, tab: "1", open: new Set(), place: 0, fromSearch: false };

// ---- Lines and their evidence ----

function select(card, { scroll = true, focus = false } = {}) {
  kept.line = card?.dataset.line ?? null;
  all(".app-line.is-selected").forEach((other) => other.classList.remove("is-selected"));
  all(".app-mark.is-shown").forEach((mark) => mark.classList.remove("is-shown"));
  if (!card) return;
  kept.place = Math.max(undecided().indexOf(card), 0);
  card.classList.add("is-selected");
  const marks = all(".app-mark").filter((mark) => mark.dataset.lines.split(" ").includes(kept.line));
  marks.forEach((mark) => mark.classList.add("is-shown"));
  if (marks.length && scroll) reveal(marks[0]);
  card.closest("details:not([open])")?.setAttribute("open", "");
  if (focus) card.focus();
}

function reveal(place) {
  const article = place.closest(".app-document");
  if (article?.hidden) showTab(article.id.replace("document-", ""));
  place.scrollIntoView({ block: "nearest" });
}

const undecided = () => all("[data-undecided]");

function step(by) {
  const cards = all(".app-line").filter((card) => card.checkVisibility());
  const here = cards.findIndex((card) => card.dataset.line === kept.line);
  const next = cards[here < 0 ? (by > 0 ? 0 : cards.length - 1) : Math.min(Math.max(here + by, 0), cards.length - 1)];
  if (next) select(next, { focus: true });
}

document.addEventListener("focusin", (event) => {
  const card = event.target.closest(".app-line");
  if (card && card.dataset.line !== kept.line) select(card);
});

document.addEventListener("click", (event) => {
  const tab = event.target.closest("[data-tab]");
  if (tab) {
    event.preventDefault();
    showTab(tab.dataset.tab);
    return;
  }
  const quote = event.target.closest('a[href^="#evidence-"], a[href^="#left-out-"]');
  const anchor = quote && document.getElementById(quote.hash.slice(1));
  if (anchor) {
    event.preventDefault();
    reveal(anchor);
    return;
  }
  const card = event.target.closest(".app-line");
  const mark = event.target.closest(".app-mark");
  if (mark && getSelection().isCollapsed) pickFrom(mark);
  else if (card) select(card, { scroll: card.dataset.line !== kept.line });
  all(".app-menu[open]").filter((menu) => !menu.contains(event.target)).forEach((menu) => (menu.open = false));
});

// The line that a mark belongs to; where several share it, the next of them at each click.
function pickFrom(mark) {
  const lines = mark.dataset.lines.split(" ").filter((line) => cardOf(line));
  const line = lines[(lines.indexOf(kept.line) + 1) % lines.length];
  if (!line) return;
  select(cardOf(line), { scroll: false, focus: true });
  cardOf(line).scrollIntoView({ block: "nearest" });
}

// ---- Documents ----

function showTab(number) {
  const articles = all(".app-document");
  if (articles.length < 2) return;
  kept.tab = articles.some((article) => article.id === `document-${number}`) ? number : "1";
  articles.forEach((article) => (article.hidden = article.id !== `document-${kept.tab}`));
  all("[data-tab]").forEach((tab) => {
    if (tab.dataset.tab === kept.tab) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
  });
}

// Offsets count code points, as everywhere in this service: a string's iterator walks by them.
const codePoints = (text) => [...text].length;

document.addEventListener("selectionchange", () => {
  clearTimeout(selecting);
  selecting = setTimeout(takeSelection, 250);
});
let selecting;

function takeSelection() {
  const selection = getSelection();
  if (selection.isCollapsed || !find("#evidence-start")) return;
  const range = selection.getRangeAt(0);
  const text = range.startContainer.parentElement?.closest(".app-text-as-sent");
  if (!text || !text.contains(range.endContainer)) return;
  const before = document.createRange();
  before.setStart(text, 0);
  before.setEnd(range.startContainer, range.startOffset);
  const start = codePoints(before.toString());
  const words = range.toString();
  if (!words.trim()) return;
  const { document: id, version } = text.dataset;
  setEvidence({ document: id, version, start, end: start + codePoints(words), text: words });
}

function setEvidence(span) {
  for (const name of ["document", "version", "start", "end", "text"]) {
    find(`#evidence-${name}`).value = span ? span[name] : "";
  }
  find("#evidence-words").textContent = span ? span.text : "";
  find("#evidence-chosen").hidden = !span;
}

document.addEventListener("click", (event) => {
  if (event.target.closest("#evidence-clear")) {
    setEvidence(null);
    find("#query").focus();
  }
  if (event.target.closest("#help-button")) find("#help").showModal();
});

// ---- Keys ----

const ON = "autocoder-single-keys";
const keysBox = find("#shortcuts-on");
if (keysBox) {
  keysBox.checked = localStorage.getItem(ON) !== "off";
  keysBox.addEventListener("change", () => localStorage.setItem(ON, keysBox.checked ? "on" : "off"));
}

const keys = {
  j: () => step(1),
  k: () => step(-1),
  a: () => press("a"),
  r: () => press("r"),
  u: () => find("#undo")?.click(),
  "/": () => searchFor(getSelection().toString().trim()),
  "?": () => find("#help")?.showModal(),
};

const press = (key) => find(`[data-key="${key}"]`, (kept.line && cardOf(kept.line)) || document.createElement("p"))?.click();

function searchFor(words) {
  const query = find("#query");
  if (!query) return;
  query.focus();
  if (words && words.length <= 100) {
    query.value = words;
    query.dispatchEvent(new Event("input", { bubbles: true }));
  }
  query.select();
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") moveInHits(event);
  if (!find("#desk") || find("dialog[open]") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && event.target.id === "query") event.target.blur();
  if (typing || !keysBox?.checked || !Object.hasOwn(keys, event.key)) return;
  event.preventDefault();
  keys[event.key]();
});

function moveInHits(event) {
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
  kept.open = new Set(all("#desk details[open]").map((details) => details.id));
});

document.addEventListener("htmx:after:swap", (event) => {
  const { ctx } = event.detail;
  if (ctx.target?.id !== "desk" || !find("#desk")) return;
  const failed = ctx.response.status >= 400;
  all("#desk details").forEach((details) => (details.open = kept.open.has(details.id) && !details.matches(".app-menu")));
  showTab(kept.tab);
  if (kept.fromSearch && !failed && ctx.request.action.endsWith("/decisions")) {
    find("#query")?.form.reset();
    find("#query") && (find("#query").value = "");
    find("#evidence-start") && setEvidence(null);
  }
  settle();
});

// The line that was worked on may be gone: the next suggestion takes its place, and the focus.
function settle() {
  const lost = document.activeElement === document.body || !document.activeElement;
  const same = kept.line && cardOf(kept.line);
  const cards = undecided();
  const next = same?.hasAttribute("data-undecided") || !cards.length ? same : cards[Math.min(kept.place, cards.length - 1)];
  if (next) select(next, { focus: lost });
  else if (lost) (find("#finalise") ?? find("#suggestions-heading"))?.focus();
}

document.addEventListener("htmx:error", () => {
  const notice = document.createElement("p");
  notice.className = "app-notice app-notice--failure";
  notice.setAttribute("role", "alert");
  notice.textContent = "No answer from the service. Try again: nothing is recorded twice.";
  find("#notice")?.replaceChildren(notice);
});

showTab("1");
if (find("#desk")) select(undecided()[0] ?? null, { scroll: false });
