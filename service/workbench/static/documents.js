// The documents of an episode: tabs, places of evidence, and words selected as evidence.

const find = (selector) => document.querySelector(selector);
const all = (selector) => [...document.querySelectorAll(selector)];

let shown = "1";

// Without script the documents stand one below the other; with it, one is shown at a time.
export function showTab(number = shown) {
  const articles = all(".app-document");
  if (articles.length < 2) return;
  shown = articles.some((article) => article.id === `document-${number}`) ? number : "1";
  articles.forEach((article) => (article.hidden = article.id !== `document-${shown}`));
  for (const tab of all("[data-tab]")) {
    if (tab.dataset.tab === shown) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
  }
}

export function nextTab() {
  showTab(String((Number(shown) % Math.max(all(".app-document").length, 1)) + 1));
}

// Scrolls to a place in a document, whichever tab it is under.
export function reveal(place) {
  const article = place.closest(".app-document");
  if (article?.hidden) showTab(article.id.replace("document-", ""));
  place.scrollIntoView({ block: "nearest" });
}

// Offsets count code points, as everywhere in this service: a string's iterator walks by them.
const codePoints = (text) => [...text].length;

// Takes what is selected in a document as the evidence of the code that will be added.
export function takeSelection() {
  const selection = getSelection();
  if (selection.isCollapsed || !find("#evidence-start")) return false;
  const range = selection.getRangeAt(0);
  const text = range.startContainer.parentElement?.closest(".app-text-as-sent");
  const words = range.toString();
  if (!text?.contains(range.endContainer) || !words.trim()) return false;
  const before = document.createRange();
  before.setStart(text, 0);
  before.setEnd(range.startContainer, range.startOffset);
  const start = codePoints(before.toString());
  const { document: id, version } = text.dataset;
  setEvidence({ document: id, version, start, end: start + codePoints(words), text: words });
  return true;
}

export function setEvidence(span) {
  if (!find("#evidence-start")) return;
  for (const name of ["document", "version", "start", "end", "text"]) {
    find(`#evidence-${name}`).value = span ? span[name] : "";
  }
  find("#evidence-words").textContent = span ? span.text : "";
  find("#evidence-chosen").hidden = !span;
}

// Words are selected by keys: arrows go from word to word, with Shift they select, Enter takes.
export function stepThroughWords() {
  const text = find(".app-document:not([hidden]) .app-text-as-sent");
  if (!text) return;
  find("#documents-body").focus();
  const place = find(".app-mark.is-shown") ?? text;
  getSelection().setBaseAndExtent(place, 0, place, 0);
  getSelection().modify("extend", "forward", "word");
  takeSelection();
}

const STEPS = {
  ArrowRight: ["forward", "word"],
  ArrowLeft: ["backward", "word"],
  ArrowDown: ["forward", "line"],
  ArrowUp: ["backward", "line"],
};

document.addEventListener("keydown", (event) => {
  const selection = getSelection();
  if (!event.target.closest("#documents-body") || !selection.anchorNode) return;
  if (!find("#documents-body").contains(selection.anchorNode) || !STEPS[event.key]) return;
  event.preventDefault();
  selection.modify(event.shiftKey ? "extend" : "move", ...STEPS[event.key]);
  if (!event.shiftKey) selection.modify("extend", "forward", "word");
  selection.focusNode?.parentElement?.scrollIntoView({ block: "nearest" });
  takeSelection();
});

// What is selected is looked for at once: a code for these words.
document.addEventListener("pointerup", (event) => {
  if (event.target.closest?.(".app-text-as-sent") && takeSelection()) offerCodes();
});

function offerCodes() {
  const query = find("#query");
  const words = getSelection().toString().trim();
  if (query.value || words.length > 100) return;
  query.value = words;
  query.dispatchEvent(new Event("input", { bubbles: true }));
}


document.addEventListener("click", (event) => {
  const tab = event.target.closest("[data-tab]");
  const quote = event.target.closest('a[href^="#evidence-"], a[href^="#left-out-"], a[href^="#section-"]');
  const anchor = quote && document.getElementById(quote.hash.slice(1));
  if (tab || anchor) event.preventDefault();
  if (tab) showTab(tab.dataset.tab);
  if (anchor) reveal(anchor);
});
