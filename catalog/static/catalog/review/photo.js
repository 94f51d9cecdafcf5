// The photos: show another one, enlarge one, and fetch the next text's photo early.

const large = () => document.querySelector(".desk-photo img");

document.addEventListener("click", (event) => {
  const other = event.target.closest("[data-photo]");
  if (other) {
    large().src = other.dataset.photo;
    for (const button of document.querySelectorAll("[data-photo]")) {
      button.setAttribute("aria-pressed", String(button === other));
    }
  }
  if (event.target.closest("[data-zoom]")) {
    const dialog = document.getElementById("desk-zoom");
    dialog.querySelector("img").src = large().src;
    dialog.showModal();
  }
});

document.addEventListener("keydown", (event) => {
  const dialog = document.getElementById("desk-zoom");
  if (dialog?.open && event.key === "z") {
    event.preventDefault();
    event.stopImmediatePropagation();
    dialog.close();
  }
}, true);

const fetchNext = () => {
  const address = document.getElementById("desk")?.dataset.nextPhoto;
  if (address) new Image().src = address;
};

document.addEventListener("htmx:load", fetchNext);
fetchNext();
