// The grid by keyboard: move, edit a cell in its place, paste a range, undo. Nothing typed is lost.

const grid = document.getElementById("grid");
const said = document.querySelector("[data-grid-said]");
const conflict = document.querySelector("[data-grid-conflict]");
const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value;
const address = grid?.dataset.save; // absent for those who may only read
const heads = grid ? [...grid.querySelectorAll("thead th")] : [];
let asked = null; // the cell whose two values are shown

const say = (text, kind = "") => {
  said.textContent = text;
  said.dataset.kind = kind;
};
const cells = () => [...grid.querySelectorAll("tbody td")];
const headOf = (cell) => heads[cell.cellIndex];
const isEditable = (cell) => Boolean(address) && !cell.hasAttribute("aria-readonly");

const focusOn = (cell) => {
  if (!cell) return;
  for (const other of grid.querySelectorAll('td[tabindex="0"]')) other.tabIndex = -1;
  cell.tabIndex = 0;
  cell.focus();
};

const beside = (cell, rows, columns) => {
  const row = grid.tBodies[0].rows[cell.parentNode.rowIndex - 1 + rows];
  const to = row?.cells[cell.cellIndex + columns];
  return to?.tagName === "TD" ? to : null;
};

const show = (cell, text, shown) => {
  cell.dataset.text = text;
  cell.dataset.shown = shown;
  cell.textContent = shown;
};

const shut = (cell) => {
  const box = cell.querySelector("input");
  if (!box) return;
  cell.textContent = cell.dataset.shown;
};

const settle = async (cell, typed, answer) => {
  const body = await answer.json().catch(() => ({}));
  // Whoever was logged out is led to the log-in page, which answers with 200 too.
  if (answer.ok && "text" in body) {
    show(cell, body.text, body.shown);
    say(grid.dataset.saved);
    return;
  }
  if (answer.status === 409) {
    asked = { cell, typed, theirs: body.theirs, shown: body.theirs_shown };
    conflict.querySelector("[data-grid-who]").textContent = body.who;
    conflict.querySelector("[data-grid-theirs]").textContent = body.theirs_shown || "–";
    conflict.querySelector("[data-grid-mine]").textContent = body.mine || "–";
    conflict.hidden = false;
    cell.textContent = typed;
    conflict.querySelector("[data-grid-keep-mine]").focus();
    return;
  }
  say(body.error || grid.dataset.failed, "bad");
  edit(cell, typed);
};

const save = async (cell, typed) => {
  const seen = cell.dataset.text;
  if (typed === seen) return shut(cell);
  cell.dataset.saving = ""; // first: to take the box away may tell that it lost the focus
  cell.textContent = typed;
  const form = new URLSearchParams({
    product: cell.parentNode.dataset.product, column: headOf(cell).dataset.column, seen, text: typed,
  });
  try {
    const answer = await fetch(address, { method: "POST", body: form, headers: { "X-CSRFToken": token } });
    await settle(cell, typed, answer);
  } catch {
    say(grid.dataset.failed, "bad");
    edit(cell, typed);
  } finally {
    delete cell.dataset.saving;
  }
};

const edit = (cell, text) => {
  if (!isEditable(cell) || cell.querySelector("input")) return;
  cell.dataset.shown ??= cell.textContent;
  const box = document.createElement("input");
  box.type = "text";
  box.value = text ?? cell.dataset.text;
  box.setAttribute("aria-label", `${headOf(cell).textContent} ${cell.parentNode.dataset.sku}`);
  box.autocomplete = "off";
  if (headOf(cell).dataset.options) box.setAttribute("list", headOf(cell).dataset.options);
  cell.replaceChildren(box);
  box.focus();
  if (text === undefined) box.select();
};

const inBox = (event, cell, box) => {
  const next = { Enter: [event.shiftKey ? -1 : 1, 0], Tab: [0, event.shiftKey ? -1 : 1] }[event.key];
  if (event.key === "Escape") {
    event.preventDefault();
    box.value = cell.dataset.text;
    shut(cell);
    focusOn(cell);
  } else if (next) {
    event.preventDefault();
    save(cell, box.value);
    focusOn(beside(cell, ...next) ?? cell);
  }
};

const inGrid = (event, cell) => {
  const forwards = document.documentElement.dir === "rtl" ? -1 : 1;
  const moves = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, forwards], ArrowLeft: [0, -forwards] };
  if (moves[event.key] && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    focusOn(beside(cell, ...moves[event.key]));
  } else if (event.key === "Home" || event.key === "End") {
    event.preventDefault();
    const row = cell.parentNode.querySelectorAll("td");
    focusOn(row[event.key === "Home" ? 0 : row.length - 1]);
  } else if ((event.ctrlKey || event.metaKey) && event.key === "z") {
    event.preventDefault();
    document.querySelector("[data-grid-undo]")?.requestSubmit();
  } else if (event.key === "Enter" || event.key === "F2") {
    event.preventDefault();
    edit(cell);
  } else if (event.key === "Delete" || event.key === "Backspace") {
    event.preventDefault();
    if (isEditable(cell)) save(cell, "");
  } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    edit(cell, event.key);
  }
};

grid?.addEventListener("keydown", (event) => {
  const cell = event.target.closest("td");
  if (!cell) return;
  if (event.target.tagName === "INPUT") inBox(event, cell, event.target);
  else inGrid(event, cell);
});
grid?.addEventListener("click", (event) => {
  const cell = event.target.closest("td");
  if (cell && event.target === cell) focusOn(cell);
});
grid?.addEventListener("dblclick", (event) => {
  const cell = event.target.closest("td");
  if (cell && event.target === cell) edit(cell);
});
grid?.addEventListener("focusout", (event) => {
  const cell = event.target.closest("td");
  if (event.target.tagName === "INPUT" && cell && !("saving" in cell.dataset) && document.hasFocus()) {
    save(cell, event.target.value);
  }
});
// A range, or anything pasted on a cell that is not open, goes through the preview.
grid?.addEventListener("paste", (event) => {
  const cell = event.target.closest("td");
  const text = event.clipboardData.getData("text/plain");
  if (!cell || !isEditable(cell) || (event.target.tagName === "INPUT" && !/[\t\n]./.test(text))) return;
  event.preventDefault();
  const form = document.querySelector("[data-grid-paste] form");
  form.elements.sku.value = cell.parentNode.dataset.sku;
  form.elements.column.value = headOf(cell).dataset.column;
  form.elements.text.value = text;
  form.requestSubmit();
});
conflict?.querySelector("[data-grid-take-theirs]").addEventListener("click", () => {
  show(asked.cell, asked.theirs, asked.shown);
  conflict.hidden = true;
  focusOn(asked.cell);
});
conflict?.querySelector("[data-grid-keep-mine]").addEventListener("click", () => {
  asked.cell.dataset.text = asked.theirs;
  conflict.hidden = true;
  focusOn(asked.cell);
  save(asked.cell, asked.typed);
});

const first = grid && cells()[0];
if (first) first.tabIndex = 0;
