// Forms with data-swap="ID" without a page load: posted by fetch, the redirect followed, and the element of that id
// taken out of the page that comes back. Without this file the same forms do the same by an ordinary page load.

const told = () => document.getElementById("told");

function tell(words) {
  const place = told();
  if (!place) return;
  place.textContent = "";
  // Said anew even where it is what was said before.
  requestAnimationFrame(() => { place.textContent = words; });
  clearTimeout(tell.timer);
  tell.timer = setTimeout(() => { place.textContent = ""; }, 8000);
}

async function inWords(answer) {
  if ((answer.headers.get("content-type") || "").includes("json")) {
    const problem = await answer.json().catch(() => null);
    if (problem && problem.detail) return problem.detail;
  }
  return `That did not work (${answer.status} ${answer.statusText}). Load the page anew and try again.`;
}

// What had the focus is gone with the old element: the control that stands for the same act, else the first one left.
function refocus(element, held) {
  if (!held) return;
  const controls = [...element.querySelectorAll("button, input:not([type=hidden]), select, summary, a[href]")];
  const same = controls.find((one) => one.dataset.focus && one.dataset.focus === held.dataset.focus)
    || (held.id && controls.find((one) => one.id === held.id))
    || controls.find((one) => one.name && one.name === held.name && one.value === held.value)
    || controls.find((one) => one.textContent.trim() && one.textContent.trim() === held.textContent.trim());
  const next = same || controls[0];
  if (next) return next.focus();
  element.tabIndex = -1;
  element.focus();
}

async function send(form, by) {
  const id = form.dataset.swap;
  const fields = new URLSearchParams(new FormData(form));
  if (by && by.name) fields.append(by.name, by.value);
  const old = document.getElementById(id);
  const focused = document.activeElement;
  const held = old && old.contains(focused) ? focused : null;
  form.dataset.busy = "";
  form.setAttribute("aria-busy", "true");
  try {
    const address = (by && by.getAttribute("formaction")) || form.getAttribute("action") || location.href;
    const get = form.method === "get";
    const url = new URL(address, location.href);
    if (get) url.search = fields;
    const answer = await fetch(url, get ? {} : { method: "POST", body: fields, headers: { accept: "text/html" } });
    if (answer.status === 401) return location.reload(); // leads to the login and back
    if (!answer.ok) return tell(await inWords(answer));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(id);
    const now = document.getElementById(id);
    if (!fresh || !now) return location.assign(answer.url); // another page, such as the login
    now.replaceWith(document.adoptNode(fresh));
    if (held) refocus(fresh, held);
    tell(form.dataset.told || fresh.dataset.told || "Done.");
  } catch {
    tell("Seedwire did not answer. Nothing may have been changed; try again.");
  } finally {
    delete form.dataset.busy;
    form.removeAttribute("aria-busy");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || event.defaultPrevented) return;
  if (form.dataset.busy !== undefined) return event.preventDefault();
  const by = event.submitter;
  const question = (by && by.dataset.confirm) || form.dataset.confirm;
  if (question && !confirm(question)) return event.preventDefault();
  if (!form.dataset.swap || !document.getElementById(form.dataset.swap)) {
    if (form.method !== "get") form.dataset.busy = ""; // a page load follows; a second press would post twice
    return;
  }
  event.preventDefault();
  send(form, by);
});

// Back from a page that was left by a submit: the form may be used again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-busy]")) delete form.dataset.busy;
});
