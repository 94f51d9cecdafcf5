// Keys of the desk: `data-key` names the key of a button. None fires while somebody types.

const TYPED = new Set(["text", "search", "number", "email", "url", "password"]);

const isTyping = (element) =>
  element.tagName === "TEXTAREA" ||
  element.tagName === "SELECT" ||
  element.isContentEditable ||
  (element.tagName === "INPUT" && TYPED.has(element.type));

const openDialog = () => document.querySelector("dialog[open]");

const found = (selector) => {
  const element = document.querySelector(selector);
  return element && !element.disabled ? element : null;
};

// Into the editor: select the first marked word for typing over it, or go to the end.
const edit = (area) => {
  const bad = document.querySelector(".desk-marks mark");
  const start = bad ? area.value.indexOf(bad.textContent) : area.value.length;
  area.focus();
  area.setSelectionRange(start, start + (bad ? bad.textContent.length : 0));
};

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
  }
};

// Enter in a line of text would click the form's first button, which approves.
const enterInLine = (event) => {
  if (event.target.form?.id !== "desk-form" || event.target.tagName !== "INPUT") return;
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
  if (event.key === "l") {
    const boxes = [...document.querySelectorAll(".desk-similar [name=similar]")];
    const all = boxes.every((box) => box.checked);
    for (const box of boxes) box.checked = !all;
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
