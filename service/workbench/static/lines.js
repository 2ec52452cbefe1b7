// Lines of the coding and of suggestions: which one is selected, and its evidence.

import { reveal } from "./documents.js";

export const find = (selector, within = document) => within.querySelector(selector);
export const all = (selector) => [...document.querySelectorAll(selector)];
export const cardOf = (line) => document.getElementById(`line-${line}`);
export const undecided = () => all("[data-undecided]");
export const selected = () => (kept.line ? cardOf(kept.line) : null);

// What the reader was at, kept while the desk is replaced.
export const kept = {
  line: null,
  place: 0,
  wasUndecided: false,
  open: new Set(),
  standing: [],
  fromSearch: false,
  goesOn: false,
  mode: "",
  finder: null,
  request: null,
};

// Sends the form of all buttons.
export function send(what) {
  const button = find("#act-key");
  button.value = what;
  find("#act").requestSubmit(button);
  return true;
}

export function select(card, { scroll = true, focus = false } = {}) {
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
  if (focus) card.focus({ preventScroll: true });
  if (scroll) card.scrollIntoView({ block: "nearest" });
}

// The line that a mark belongs to; where several share it, the next of them at each click.
export function pickFrom(mark) {
  const lines = mark.dataset.lines.split(" ").filter(cardOf);
  const line = lines[(lines.indexOf(kept.line) + 1) % lines.length];
  if (!line) return;
  select(cardOf(line), { scroll: false, focus: true });
  cardOf(line).scrollIntoView({ block: "nearest" });
}

export function step(by) {
  const cards = all(".app-line").filter((card) => card.checkVisibility());
  const here = cards.findIndex((card) => card.dataset.line === kept.line);
  const next = here < 0 ? 0 : Math.min(Math.max(here + by, 0), cards.length - 1);
  if (cards.length) select(cards[next], { focus: true });
}

// The line to go on with after a swap, and whether the focus has to be given to it.
export function nextAfter(focused) {
  const same = selected();
  const cards = undecided();
  const stays = same && (!kept.wasUndecided || kept.fromSearch || cards.includes(same));
  const lost = focused === document.body || focused.disabled || (!stays && same?.contains(focused));
  const line = stays ? same : (cards[Math.min(kept.place, cards.length - 1)] ?? null);
  return { line, lost };
}

const LOOKS = ["standing", "suggested", "quiet"];
const lookOf = (card) =>
  card?.matches(".app-line--standing") ? 0 : card?.matches("[data-undecided]") ? 1 : 2;

// Evidence looks like what its line has become; the documents themselves are not sent again.
export function restyleMarks() {
  for (const mark of all(".app-mark[data-lines]:not([data-lines=''])")) {
    const cards = mark.dataset.lines.split(" ").map(cardOf);
    const look = Math.min(...cards.map(lookOf));
    mark.className = `app-mark app-mark--${LOOKS[look]}`;
    mark.title = cards.filter(Boolean).map((card) => find(".app-code", card).textContent).join("; ");
  }
}
