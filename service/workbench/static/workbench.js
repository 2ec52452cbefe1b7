// What forms and links cannot do: a line beside its evidence, single keys, focus that survives a swap.
// Everything is bound to the document once; htmx replaces the desk underneath.

import { initAll } from "./vendor/nhsuk-frontend.min.js";
import { setEvidence, showTab } from "./documents.js";
import { closeMode, keysAreOn, replayKeys, setBusy } from "./keys.js";
import { all, find, kept, nextAfter, pickFrom, restyleMarks, select, send, undecided } from "./lines.js";

document.body.classList.add("js-enabled", "nhsuk-frontend-supported");
initAll();

document.addEventListener("focusin", (event) => {
  const card = event.target.closest(".app-line");
  if (card && card.dataset.line !== kept.line) select(card);
});

document.addEventListener("click", (event) => {
  const mark = event.target.closest(".app-mark");
  const card = event.target.closest(".app-line");
  const change = event.target.closest(".app-change, .app-cancel");
  if (mark && getSelection().isCollapsed) pickFrom(mark);
  if (card && card.dataset.line !== kept.line) select(card);
  if (change) showFinder(event, change);
  if (event.target.closest("#help-button")) find("#help").showModal();
  if (event.target.closest("#evidence-clear")) {
    setEvidence(null);
    find("#query").focus();
  }
  for (const menu of all(".app-menu[open], .app-attribution__why[open]")) menu.open = menu.contains(event.target);
});

// The finder alone is fetched: the rest of the page stays as it is.
function showFinder(event, link) {
  event.preventDefault();
  kept.finder = link.href;
  const wasTyped = kept.mode !== "";
  const address = new URL(link.href);
  address.hash = "";
  address.searchParams.set("part", "finder");
  htmx.ajax("GET", address.href, { target: "#finder", swap: "outerHTML" }).then(() => {
    if (link.matches(".app-change") && !wasTyped) find("#query")?.focus();
  });
}

// A finder that comes after the line was decided is of no use any more.
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  if (ctx.target?.id === "finder" && kept.finder === null) event.preventDefault();
});

// ---- Lines dragged to another place ----

let dragged = null;

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.(".app-line--standing") ?? null;
});

const landing = (event) => {
  const card = dragged && event.target.closest?.(".app-line--standing");
  return card && card !== dragged && card.dataset.role === dragged.dataset.role ? card : null;
};

document.addEventListener("dragover", (event) => landing(event) && event.preventDefault());

document.addEventListener("drop", (event) => {
  const card = landing(event);
  if (!card) return;
  event.preventDefault();
  const below = dragged.compareDocumentPosition(card) & Node.DOCUMENT_POSITION_FOLLOWING;
  const cards = all(`.app-line--standing[data-role="${card.dataset.role}"]`);
  const before = below ? cards[cards.indexOf(card) + 1] : card;
  kept.line = dragged.dataset.line;
  send(`move ${dragged.dataset.line} ${before ? before.dataset.line : "last"}`);
  dragged = null;
});

// ---- Before and after htmx replaces the desk ----

const standing = () => all(".app-line--standing").map((card) => card.dataset.line);

document.addEventListener("submit", (event) => {
  if (event.target.closest("#desk") && !event.defaultPrevented) setBusy(true);
}, true);

document.addEventListener("htmx:before:request", (event) => {
  if (event.detail.ctx.target?.id !== "desk") return;
  kept.request = event.detail.ctx;
  kept.standing = standing();
  kept.fromSearch = event.target.matches?.(".app-search");
  kept.wasUndecided = undecided().some((card) => card.dataset.line === kept.line);
  kept.open = new Set(all("#desk details[open]:not(.app-menu)").map((details) => details.id));
});

// The documents are sent again only where they changed: what stands for them must not be morphed into them.
const SAME = 'id="documents" data-same';

document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  if (ctx.target?.id === "desk") find("#documents")?.toggleAttribute("hx-morph-skip", ctx.text.includes(SAME));
});

document.addEventListener("htmx:after:swap", (event) => {
  const { ctx } = event.detail;
  if (ctx.target?.id !== "desk") return;
  kept.finder = null;
  closeMode();
  for (const details of all("#desk details")) details.open = kept.open.has(details.id);
  showTab();
  const done = ctx.response.status < 400;
  if (kept.fromSearch && done && find("#query") && !find("#hits li")) {
    clearFinder();
    kept.line = standing().find((line) => !kept.standing.includes(line)) ?? kept.line;
  }
  settle();
  makeDraggable();
  if (done && kept.goesOn && find("#next")) find("#next").click();
  kept.goesOn = false;
});

// htmx takes the next request only after this event.
document.addEventListener("htmx:finally:request", (event) => {
  if (event.detail.ctx !== kept.request) return;
  setTimeout(() => {
    setBusy(false);
    replayKeys();
  });
});

function clearFinder() {
  find("#query").value = "";
  setEvidence(null);
}

// A suggestion that was decided makes way for the next one, which gets the focus; a line of the coding keeps it.
function settle() {
  restyleMarks();
  const focused = document.activeElement ?? document.body;
  const { line, lost } = nextAfter(focused);
  select(line, { focus: lost });
  if (lost && !line) (find("#finalise") ?? find("#next") ?? find("#suggestions-heading"))?.focus();
}

function makeDraggable() {
  for (const card of all("#desk .app-line--standing")) card.draggable = Boolean(find("#query"));
}

document.addEventListener("htmx:error", () => {
  const notice = document.createElement("p");
  notice.className = "app-notice app-notice--failure";
  notice.setAttribute("role", "alert");
  notice.textContent = "No answer from the service. Try again: nothing is recorded twice.";
  find("#notice")?.replaceChildren(notice);
});

showTab();
if (find("#desk")) {
  const first = undecided()[0] ?? null;
  select(first, { scroll: false });
  if (!first && keysAreOn() && !find("#undo")) find("#query")?.focus();
  makeDraggable();
}
