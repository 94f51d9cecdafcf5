// The editor: how long a text is, sentences of other texts, and an alt text that follows.

const editor = () => document.getElementById("id_standard");

const write = (text) => {
  const area = editor();
  area.value = text;
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
};

const count = () => {
  for (const label of document.querySelectorAll("[data-count-for]")) {
    const length = [...document.getElementById(label.dataset.countFor).value].length;
    label.textContent = `${length} / ${label.dataset.most}`;
    label.classList.toggle("desk-too-long", length > Number(label.dataset.most));
  }
};

// Each sentence of another text is a button: a click adds it to the editor.
const cut = () => {
  if (!editor()) return;
  for (const text of document.querySelectorAll("[data-alternative]:not([data-cut])")) {
    text.dataset.cut = "";
    const whole = text.textContent;
    text.dataset.alternative = whole;
    const sentences = whole.match(/[^.!?]+[.!?]*\s*/g) || [whole];
    text.replaceChildren(
      ...sentences.map((sentence) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "desk-sentence";
        button.dataset.sentence = sentence.trim();
        button.textContent = sentence;
        return button;
      }),
    );
  }
};

document.addEventListener("click", (event) => {
  const take = event.target.closest("[data-take]");
  if (take) write(take.closest("li").querySelector("[data-alternative]").dataset.alternative);
  const sentence = event.target.closest("[data-sentence]");
  if (sentence) write(`${editor().value.trimEnd()} ${sentence.dataset.sentence}`.trimStart());
  if (event.target.closest("[data-take-theirs]")) {
    write(document.querySelector("[data-theirs]").textContent);
    document.querySelector(".desk-conflict").remove();
  }
  if (event.target.closest("[data-keep-mine]")) {
    document.querySelector(".desk-conflict").remove();
    editor().focus();
  }
});

// An alt text equal to the description follows its changes, so nobody corrects both.
let together = false;
const follows = () => {
  const alt = document.getElementById("id_alt_text");
  together = Boolean(alt) && alt.value === editor().value;
};
const follow = (target) => {
  const alt = document.getElementById("id_alt_text");
  if (target === alt) together = alt.value === editor().value;
  else if (together) alt.value = editor().value;
};

const begin = () => {
  if (editor()) follows();
  count();
  cut();
};

document.addEventListener("input", (event) => {
  if (!editor()) return;
  follow(event.target);
  count();
});
document.addEventListener("htmx:load", begin);
begin();
