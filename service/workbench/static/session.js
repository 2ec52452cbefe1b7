// Warns before a session ends and lets it go on. The browser keeps one time, and nothing of what is typed.

const box = document.getElementById("session");
const words = document.getElementById("session-words");
const stay = document.getElementById("session-stay");
const again = document.getElementById("session-again");

const seconds = Number(box.dataset.seconds);
const renewal = Math.min(60, seconds / 10); // a cookie as young as this is not made anew
const notice = Math.min(180, seconds / 3);
const LAST = "autocoder-last-contact";

// Every tab of the session counts: the last contact of any of them keeps it alive.
const contact = () => localStorage.setItem(LAST, String(Date.now()));
const left = () => seconds - renewal - (Date.now() - Number(localStorage.getItem(LAST))) / 1000;

function tell(text, ended) {
  if (words.textContent !== text) words.textContent = text;
  box.hidden = false;
  stay.hidden = ended;
  again.hidden = !ended;
}

function check() {
  const rest = left();
  if (rest > notice) box.hidden = true;
  else if (rest > 0) {
    const minutes = Math.max(1, Math.ceil(rest / 60));
    tell(`You will be signed out in ${minutes === 1 ? "a minute" : `${minutes} minutes`}.`, false);
  } else tell("You have been signed out. What you typed is still on this page: sign in again, then go on here.", true);
}

stay.addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = await fetch(stay.action, { method: "POST", body: new URLSearchParams(new FormData(stay)) });
  if (answer.ok) contact();
  check();
});

document.addEventListener("htmx:after:request", (event) => {
  if (event.detail.ctx?.response?.status < 400) contact();
});
addEventListener("storage", check);
contact();
setInterval(check, 5000);
