// Keys of the desk: `data-key` names the key of a button. None fires while somebody types.

import { select } from "./marks.js";

const TYPED = new Set(["text", "search", "number", "email", "url", "password"]);

const isTyping = (element) =>
  element.tagName === "TEXTAREA" ||
  element.tagName === "SELECT" ||
  element.isContentEditable ||
  (element.tagName === "INPUT" && TYPED.has(element.type));

// Keys that tick all of some boxes, or none.
const BOXES = { l: ".desk-similar [name=similar]", d: ".desk-sibling [name=declined]" };

const openDialog = () => document.querySelector("dialog[open]");

const found = (selector) => {
  const element = document.querySelector(selector);
  return element && !element.disabled ? element : null;
};

// Into the editor: select the first word that may be wrong, or go to the end.
const edit = (area) => select(area, document.querySelector(`#marks-${area.name} .said-wrong`));

const press = (element) => {
  if (element.tagName === "TEXTAREA") {
    edit(element);
  } else {
    element.click();
  }
};

const inDialog = (event, dialog) => {
  const reasons = dialog.querySelectorAll("[data-reason]");
  const chosen = reasons[Number(event.key) - 1];
  if (chosen) {
    event.preventDefault();
    chosen.click();
  } else if (event.key === "?" && dialog.id === "desk-help") {
    dialog.close();
  } else {
    dialog.querySelector(`[data-dialog-key="${CSS.escape(event.key)}"]`)?.click();
  }
};

// Enter in a line of text would click the form's first button, which approves.
const enterInLine = (event) => {
  const isLine = event.target.tagName === "INPUT" || event.target.dataset.oneLine !== undefined;
  if (event.target.form?.id !== "desk-form" || !isLine) return;
  event.preventDefault();
  if (event.target.id === "id_reason") document.querySelector('[value="reject"]').click();
};

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.repeat || event.altKey) return;
  const target = event.target;
  if (isTyping(target)) {
    if (event.key === "Escape" && !openDialog()) target.blur();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (!openDialog()) found('[data-key="a"]')?.click();
    } else if (event.key === "Enter") {
      enterInLine(event);
    }
    return;
  }
  if (event.ctrlKey || event.metaKey) return;
  const dialog = openDialog();
  if (dialog) return inDialog(event, dialog);
  if (document.querySelector("#desk[data-busy]")) return;
  if (event.key === "Enter" && target !== document.body) return;
  if (event.key === "o") {
    const alternatives = found("#alternatives");
    alternatives?.focus();
    alternatives?.scrollIntoView({ block: "start" });
    return;
  }
  if (BOXES[event.key]) {
    const boxes = [...document.querySelectorAll(BOXES[event.key])];
    const all = boxes.every((box) => box.checked);
    for (const box of boxes) box.checked = !all;
    boxes[0]?.dispatchEvent(new Event("input", { bubbles: true }));
    return;
  }
  const key = CSS.escape(event.key);
  const element = found(`[data-take="${key}"]`) || found(`[data-key="${key}"]`);
  if (!element) return;
  event.preventDefault();
  press(element);
  if (event.key === "g") document.getElementById("id_facts")?.focus();
});

document.addEventListener("click", (event) => {
  const opens = event.target.closest("[data-opens]");
  if (opens) document.getElementById(opens.dataset.opens).showModal();
  if (event.target.closest("[data-closes]")) event.target.closest("dialog").close();
  const reason = event.target.closest("[data-reason]");
  if (reason) {
    document.getElementById("id_reason").value = reason.dataset.reason;
    reason.closest("dialog").querySelector('[value="reject"]').click();
  }
});

// A question that came with the answer is put before anything else.
const ask = () => document.querySelector("dialog[data-opens-itself]:not([open])")?.showModal();
document.addEventListener("htmx:load", ask);
ask();
