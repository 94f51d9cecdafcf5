// Typed words stay in this browser until they are saved: a session that ends, a closed window or a
// server that is away loses nothing. Only the same person gets them offered again.

const FIELDS = [
  ...["standard", "alt_text", "detailed", "page_title"],
  ...["bullets", "meta_title", "meta_description"],
];
const DAYS = 14;

const user = document.getElementById("content-main").dataset.user;
const prefix = `moda-review:${user}:`;

const form = () => document.getElementById("desk-form");
const item = () => document.getElementById("desk")?.dataset.item;
const words = () => Object.fromEntries(FIELDS.map((name) => [name, form().elements[name].value]));

let initial = {};

const isChanged = (some) => FIELDS.some((name) => some[name] !== initial[name]);

const put = (some) => {
  for (const name of FIELDS) form().elements[name].value = some[name] ?? "";
  form().elements.standard.dispatchEvent(new Event("input", { bubbles: true }));
};

const offer = () => {
  const kept = JSON.parse(localStorage.getItem(prefix + item()) || "null");
  const panel = document.querySelector(".desk-offer");
  if (!kept || !panel || !isChanged(kept)) return;
  panel.querySelector("[data-offer-text]").textContent = kept.standard;
  panel.querySelector("[data-offer-time]").textContent = new Date(kept.at).toLocaleString(
    document.documentElement.lang,
    { dateStyle: "medium", timeStyle: "short" },
  );
  panel.querySelector("[data-offer-take]").onclick = () => {
    put(kept);
    panel.hidden = true;
    form().elements.standard.focus();
  };
  panel.querySelector("[data-offer-drop]").onclick = () => {
    localStorage.removeItem(prefix + item());
    panel.hidden = true;
  };
  panel.hidden = false;
};

const forgetOld = () => {
  const oldest = Date.now() - DAYS * 24 * 3600 * 1000;
  for (const key of Object.keys(localStorage).filter((name) => name.startsWith(prefix))) {
    if (JSON.parse(localStorage.getItem(key)).at < oldest) localStorage.removeItem(key);
  }
};

const begin = () => {
  if (!form()) return;
  const standing = Object.fromEntries(
    FIELDS.map((name) => [name, form().elements[name].defaultValue]),
  );
  if (initial.item === item() && initial.seen === form().elements.seen.value) return;
  initial = { ...standing, item: item(), seen: form().elements.seen.value };
  // Words that the server refused are in the editor already.
  if (!document.querySelector(".desk-conflict, .desk-messages .error")) offer();
};

document.addEventListener("input", (event) => {
  if (!form()?.contains(event.target) || !FIELDS.includes(event.target.name)) return;
  const typed = words();
  if (isChanged(typed)) {
    localStorage.setItem(prefix + item(), JSON.stringify({ ...typed, at: Date.now() }));
  } else {
    localStorage.removeItem(prefix + item());
  }
});

// Saved, approved or rejected: the server says so by a message of success.
document.addEventListener("htmx:beforeSwap", (event) => {
  const step = event.detail.requestConfig.parameters?.step;
  const done = event.detail.serverResponse.includes('<li class="success">');
  if (["approve", "approve_anyway", "reject", "save"].includes(step) && done) {
    localStorage.removeItem(prefix + item());
  }
});

document.addEventListener("htmx:load", begin);
forgetOld();
begin();
