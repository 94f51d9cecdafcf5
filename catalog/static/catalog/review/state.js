// Between a click and its answer: one click at a time, the focus, news for screen readers, and the
// lease on the text while somebody works on it.

const HOLD_EVERY = 60_000; // milliseconds
const IDLE = 240_000; // milliseconds without a key or a pointer: the reviewer is away

const desk = () => document.getElementById("desk");
const say = (text) => {
  document.getElementById("desk-status").textContent = text;
};

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.target !== desk()) return;
  if (desk().dataset.busy !== undefined) event.preventDefault();
  else desk().dataset.busy = "";
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "desk") return;
  window.scrollTo(0, 0);
  desk().querySelector("h1")?.focus({ preventScroll: true });
  const messages = [...desk().querySelectorAll(".desk-messages li")];
  const title = desk().querySelector("h1")?.textContent ?? "";
  document.title = title;
  say([...messages.map((message) => message.textContent), title].join(" "));
});

const failed = () => {
  delete desk().dataset.busy;
  const text = document.getElementById("content-main").dataset.noAnswer;
  const bar = document.createElement("p");
  bar.className = "errornote desk-failed";
  bar.textContent = text;
  document.querySelector(".desk-failed")?.remove();
  desk().prepend(bar);
  say(text);
};
document.addEventListener("htmx:responseError", failed);
document.addEventListener("htmx:sendError", failed);

let lastSeen = Date.now();
for (const kind of ["keydown", "pointermove", "pointerdown"]) {
  document.addEventListener(kind, () => {
    lastSeen = Date.now();
  });
}

setInterval(async () => {
  const address = desk()?.dataset.hold;
  if (!address || document.hidden || Date.now() - lastSeen > IDLE) return;
  const token = document.querySelector("#desk-form [name=csrfmiddlewaretoken]").value;
  const answer = await fetch(address, {
    method: "POST",
    headers: { "X-CSRFToken": token, "HX-Request": "true" },
  }).catch(() => null);
  const ended = answer?.ok ? await answer.text() : "";
  if (ended) say(ended);
}, HOLD_EVERY);
