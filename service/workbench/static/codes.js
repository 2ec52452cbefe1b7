// The code book by keys: `/` goes to the search, arrows walk the lists and up to the entry above.
// Links and forms do all of it without script.

const SWITCH = "autocoder-single-keys";
const find = (selector) => document.querySelector(selector);
const stops = () => [...document.querySelectorAll("[data-stop]")].filter((link) => link.checkVisibility());

function walk(event, by) {
  const every = stops();
  const here = every.indexOf(event.target);
  const next = event.target.id === "query" && by > 0 ? every[0] : here >= 0 && every[here + by];
  if (here === 0 && by < 0) find("#query").focus();
  else if (next) next.focus();
  else return;
  event.preventDefault();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "ArrowDown") walk(event, 1);
  if (event.key === "ArrowUp") walk(event, -1);
  if (event.key === "ArrowLeft" && event.target.closest("[data-stop]")) find("[data-parent]")?.click();
  if (event.key !== "/" || event.target.closest("input, select, textarea")) return;
  if (localStorage.getItem(SWITCH) === "off") return;
  event.preventDefault();
  find("#query").focus();
  find("#query").select();
});
