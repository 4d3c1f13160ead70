// Keeps an open list of stories up to date: cards come from the server as it renders them, and are only put in place
// here. Without this file the page is as it was when it was loaded.

const list = document.getElementById("stories");
const MOST_CARDS = 200;
const HIDDEN_FOR_LONG = 5 * 60_000, AGAIN = 30_000, SAY_AGAIN = 5_000;

// Times, told relative to now.

function ago(then) {
  const seconds = (Date.now() - then) / 1000;
  for (const [size, unit] of [[86400, "d"], [3600, "h"], [60, "min"]]) {
    const number = Math.floor(Math.abs(seconds) / size);
    if (number) return seconds > 0 ? `${number} ${unit} ago` : `in ${number} ${unit}`;
  }
  return "just now"; // also what seems ahead: what is told here has happened, so the reader's clock is a little slow
}

function tellTimes(within = document) {
  for (const time of within.querySelectorAll("time[data-ago]")) {
    if (!time.title) time.title = time.textContent;
    time.textContent = ago(Date.parse(time.dateTime));
  }
}

tellTimes();
setInterval(tellTimes, 30_000);

// The list.

const title = document.title;
const waiting = new Map(); // cards by id that would move what is being read
let unseen = 0;

function make(tag, attributes) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

const state = make("p", { id: "live", class: "small", role: "status" });
const spoken = make("p", { class: "unseen", role: "status" });
const button = make("button", { id: "arrivals", class: "primary", type: "button", hidden: "" });

const count = (number) => (number === 1 ? "1 new story" : `${number} new stories`);
const openedAt = (card) => Date.parse(card.querySelector("time[datetime]")?.dateTime) || 0;
const isNew = (card) => !document.getElementById(card.id);
const cards = () => [...list.querySelectorAll(":scope > article")];
const nextOf = (card) => cards().find((one) => openedAt(one) <= openedAt(card));

function say(words) {
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { spoken.textContent = words; }, Math.max(0, (say.next || 0) - Date.now()));
  say.next = Date.now() + SAY_AGAIN;
}

// Whether putting it in would move the text under the reader's eyes, or take away what is being filled in.
function disturbs(card) {
  const old = document.getElementById(card.id);
  if (old) return old.querySelector("form:focus-within, details[open]") !== null;
  return list.getBoundingClientRect().top < 0;
}

function put(card) {
  const old = document.getElementById(card.id);
  if (old) return replace(old, card);
  list.querySelector(":scope > .empty")?.remove();
  card.classList.add("new");
  list.insertBefore(card, nextOf(card) || null);
  for (const one of cards().slice(MOST_CARDS)) one.remove();
}

function replace(old, card) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const controls = (element) => [...element.querySelectorAll("a[href], button, summary")];
  const place = controls(old).indexOf(focused);
  old.replaceWith(card);
  if (focused) (controls(card)[place] || list).focus({ preventScroll: true });
}

function arrive(card) {
  const fresh = isNew(card);
  // What is older than all that is shown belongs on a page that follows.
  if (fresh && !nextOf(card) && document.querySelector(".pages [rel=next]")) return;
  tellTimes(card);
  waiting.set(card.id, card);
  if (!disturbs(card)) settle(false);
  showWaiting();
  if (!fresh) return;
  if (document.hidden) document.title = `(${++unseen}) ${title}`;
  say(`New story: ${card.querySelector("h2")?.textContent.trim() || ""}`);
}

function settle(all) {
  for (const [id, card] of waiting) {
    if (!all && disturbs(card)) continue;
    waiting.delete(id);
    put(card);
  }
}

function showWaiting() {
  const number = [...waiting.values()].filter(isNew).length;
  button.hidden = number === 0;
  button.textContent = count(number);
}

function remove(id) {
  waiting.delete(`story-${id}`);
  showWaiting();
  const card = document.getElementById(`story-${id}`);
  if (!card || card.parentNode !== list) return;
  const held = card.contains(document.activeElement);
  card.remove();
  if (held) list.focus({ preventScroll: true });
}

const parse = (html) => new DOMParser().parseFromString(html, "text/html");

async function loadAnew() {
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  const fresh = parse(await answer.text()).getElementById("stories");
  if (!fresh) return location.reload(); // another page, such as the login
  waiting.clear();
  showWaiting();
  list.replaceChildren(...fresh.children);
  tellTimes(list);
  after = fresh.dataset.live;
}

// The stream.

let stream = null, after = list?.dataset.live, closing, again;

function open() {
  clearTimeout(again);
  if (stream) return;
  const address = new URL("../live", import.meta.url);
  address.search = location.search;
  address.searchParams.set("after", after);
  stream = new EventSource(address);
  const on = (name, act) => stream.addEventListener(name, (event) => {
    if (event.lastEventId) after = event.lastEventId;
    act(event.data);
  });
  on("story", (data) => { const card = parse(data).querySelector("article"); if (card) arrive(document.adoptNode(card)); });
  on("gone", (data) => remove(JSON.parse(data).id));
  on("reset", () => loadAnew().catch(() => {}));
  on("glance", (data) => {
    const glance = parse(data).querySelector(".glance");
    if (glance) document.querySelector(".glance")?.replaceWith(document.adoptNode(glance));
  });
  stream.onopen = () => tell("on", "Live");
  stream.onerror = () => {
    tell("off", "The connection is lost. Trying again…");
    if (stream?.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    close();
    again = setTimeout(retry, AGAIN * (0.5 + Math.random()));  // not all pages at once
  };
}

function close() {
  stream?.close();
  stream = null;
}

// The server refused: because the login is over, or it is busy or gone for a while.
async function retry() {
  const answer = await fetch(location.href, { headers: { accept: "text/html" } }).catch(() => null);
  if (answer && (answer.status === 401 || answer.redirected)) return location.reload();
  open();
}

function tell(how, words) {
  if (state.dataset.state === how) return;
  state.dataset.state = how;
  state.textContent = words;
}

function onVisibility() {
  clearTimeout(closing);
  if (document.hidden) {
    closing = setTimeout(close, HIDDEN_FOR_LONG);
    return;
  }
  unseen = 0;
  document.title = title;
  tellTimes();
  open();
}

if (after !== undefined && "EventSource" in window) {
  list.before(state, spoken, button);
  button.addEventListener("click", () => {
    settle(true);
    showWaiting();
    list.focus({ preventScroll: true });
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    list.scrollIntoView({ behavior: still ? "auto" : "smooth" });
  });
  for (const name of ["focusout", "toggle"]) {
    list.addEventListener(name, () => setTimeout(() => { settle(false); showWaiting(); }), true);
  }
  document.addEventListener("visibilitychange", onVisibility);
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => { if (event.persisted) open(); });
  open();
}
