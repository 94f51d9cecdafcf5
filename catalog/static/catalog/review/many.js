// Choosing many drafts: ranges with Shift, arrow keys over the grid, and one key a button.

const grid = document.getElementById("many");
const boxes = grid ? [...grid.querySelectorAll('[name="ids"]')] : [];
const page = grid?.querySelector("[data-many-page]");
const all = grid?.querySelector("[data-many-all]");
let anchor = null; // where a range begins

const show = () => {
  const chosen = boxes.filter((box) => box.checked).length;
  const count = all.checked ? Number(all.dataset.total) : chosen;
  grid.querySelector("[data-many-count]").textContent = count.toLocaleString(document.documentElement.lang);
  page.checked = chosen === boxes.length;
  page.indeterminate = chosen > 0 && chosen < boxes.length;
  page.disabled = all.checked;
  for (const box of boxes) box.disabled = all.checked;
  for (const button of grid.querySelectorAll("[name=step]")) button.disabled = count === 0;
};

const chooseRange = (to, checked) => {
  const [first, last] = [boxes.indexOf(anchor ?? to), boxes.indexOf(to)].sort((a, b) => a - b);
  for (const box of boxes.slice(first, last + 1)) box.checked = checked;
};

// A click on a label reaches the box as a second click, without the Shift key.
let shifted = false;
grid?.addEventListener("click", (event) => {
  if (event.target.name !== "ids") {
    shifted = event.shiftKey;
    return;
  }
  if (event.shiftKey || shifted) chooseRange(event.target, event.target.checked);
  shifted = false;
  anchor = event.target;
  show();
});
// Shift and a click would select the text in between.
grid?.addEventListener("mousedown", (event) => {
  if (event.shiftKey) event.preventDefault();
});
grid?.addEventListener("change", (event) => {
  if (event.target === page) for (const box of boxes) box.checked = page.checked;
  show();
});

const columns = () => {
  const top = boxes[0].getBoundingClientRect().top;
  const next = boxes.findIndex((box) => box.getBoundingClientRect().top > top + 1);
  return next > 0 ? next : boxes.length;
};

const move = (event) => {
  const forwards = document.documentElement.dir === "rtl" ? -1 : 1;
  const steps = { ArrowRight: forwards, ArrowLeft: -forwards };
  if (event.key === "ArrowDown") steps.ArrowDown = columns();
  if (event.key === "ArrowUp") steps.ArrowUp = -columns();
  const step = steps[event.key];
  if (!step) return false;
  const here = boxes.indexOf(document.activeElement);
  const to = boxes[here < 0 ? 0 : here + step];
  if (!to) return true;
  to.focus();
  to.closest("li").scrollIntoView({ block: "nearest" });
  if (event.shiftKey) {
    anchor ??= boxes[Math.max(here, 0)];
    chooseRange(to, true);
    show();
  }
  return true;
};

// On the sample, the current draft is the first that is not ticked as seen.
const current = () => document.querySelector('.many-one:has([name="seen"]:not(:checked))');
const tick = (name) => {
  const one = current();
  if (!one) return;
  one.querySelector(`[name="${name}"]`).click();
  (current() ?? document.querySelector(".many-judge")).scrollIntoView({ block: "center" });
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) {
    if (!event.key.startsWith("Arrow")) return;
  }
  const target = event.target;
  if (target.matches('input[type=text], input[type=number], input[type=search], select, textarea')) return;
  let done = true;
  if (event.key === "p" && page) page.click();
  else if (event.key === "m" && all) all.click();
  else if (event.key === "s" && current()) tick("seen");
  else if (event.key === "x" && current()) tick("leave_out");
  else if (boxes.length && move(event)) done = true;
  else {
    const element = document.querySelector(`[data-many-key="${CSS.escape(event.key)}"]`);
    if (element && !element.disabled) element.click();
    else done = false;
  }
  if (done) event.preventDefault();
});

if (grid) show();
