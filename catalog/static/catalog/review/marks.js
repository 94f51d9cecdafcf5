// The marks behind the editors and where each word comes from. The server reads the texts; until it
// has read what was typed, the marks of untouched words move along and those of changed words go.

const areas = () => document.querySelectorAll(".desk-editor textarea");
const overlayOf = (area) => document.getElementById(`marks-${area.name}`);

const shared = (one, other, most, at) => {
  let length = 0;
  while (length < most && at(one, length) === at(other, length)) length += 1;
  return length;
};
const fromStart = (text, place) => text[place];
const fromEnd = (text, place) => text[text.length - 1 - place];

// The marks of an overlay that still stand in `text`: [start, end, element].
const standing = (overlay, text) => {
  const read = overlay.textContent;
  const most = Math.min(read.length, text.length);
  const head = shared(read, text, most, fromStart);
  const tail = shared(read, text, most - head, fromEnd);
  const found = [];
  let start = 0;
  for (const node of [...overlay.childNodes]) {
    const end = start + node.textContent.length;
    const moved = start >= read.length - tail ? text.length - read.length : 0;
    if (node.nodeName === "MARK" && (end <= head || start >= read.length - tail)) {
      found.push([start + moved, end + moved, node]);
    }
    start = end;
  }
  return found;
};

const follow = (area) => {
  const overlay = overlayOf(area);
  if (!overlay || overlay.textContent === area.value) return;
  const pieces = [];
  let from = 0;
  for (const [start, end, node] of standing(overlay, area.value)) {
    pieces.push(document.createTextNode(area.value.slice(from, start)), node);
    from = end;
  }
  pieces.push(document.createTextNode(area.value.slice(from)));
  overlay.replaceChildren(...pieces);
};

const fit = (area) => {
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + 2}px`;
};

// Where a word comes from: of the word that the pointer is on, else of the one with the cursor.
const show = (area, mark) => {
  const line = document.getElementById(`source-${area.name}`);
  const text = mark ? `${mark.textContent}: ${mark.dataset.source}` : "";
  if (line && line.textContent !== text) line.textContent = text;
};

const atCursor = (area) => {
  let start = 0;
  for (const node of overlayOf(area).childNodes) {
    const end = start + node.textContent.length;
    const here = start <= area.selectionStart && area.selectionStart <= end;
    if (here && node.nodeName === "MARK") return node;
    start = end;
  }
  return null;
};

const showCursor = (area) => show(area, document.activeElement === area ? atCursor(area) : null);

document.addEventListener("selectionchange", () => {
  for (const area of areas()) showCursor(area);
});

let pointed = null;
document.addEventListener("mousemove", (event) => {
  const area = event.target.closest?.(".desk-editor textarea");
  if (pointed && pointed !== area) showCursor(pointed);
  pointed = area;
  if (!area) return;
  const under = document.elementsFromPoint(event.clientX, event.clientY);
  const mark = under.find((element) => element.matches(".desk-marks mark"));
  if (mark) show(area, mark);
  else showCursor(area);
});

const placeOf = (mark) => {
  let start = 0;
  for (let node = mark.previousSibling; node; node = node.previousSibling) {
    start += node.textContent.length;
  }
  return start;
};

// Into the editor, with a word selected for typing over it.
export const select = (area, mark) => {
  area.closest("details")?.setAttribute("open", "");
  const start = mark ? placeOf(mark) : area.value.length;
  area.focus();
  area.setSelectionRange(start, start + (mark ? mark.textContent.length : 0));
  area.scrollIntoView({ block: "nearest" });
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-word]");
  if (!button) return;
  const area = document.getElementById(`id_${button.dataset.fields.split(" ")[0]}`);
  const word = button.dataset.word.toLowerCase();
  const marks = [...overlayOf(area).querySelectorAll(".said-wrong, .said-unborne")];
  select(area, marks.find((mark) => mark.textContent.toLowerCase() === word));
});

const begin = () => {
  for (const area of areas()) {
    follow(area);
    fit(area);
  }
};

document.addEventListener("input", (event) => {
  if (!event.target.closest(".desk-editor")) return;
  begin();
  showCursor(event.target);
});
document.addEventListener("toggle", begin, true);
document.addEventListener("htmx:oobAfterSwap", begin);
document.addEventListener("htmx:load", begin);
window.addEventListener("resize", begin);
begin();
