// The tools of the page: what is announced, its colours, folding, and copying.
const byId = (id) => document.getElementById(id);

const make = (tag, attributes, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};

const button = (label, pressed) => {
  const element = make("button", { type: "button" }, label);
  element.addEventListener("click", pressed);
  return element;
};

const conversation = byId("conversation");
const announced = make("p", { role: "status", class: "quiet" });
const announce = (text) => {
  announced.textContent = text;
};

// Colours: those of the system, unless the reader has chosen. A page from a file may not store it.
const THEMES = ["system", "light", "dark"];
let theme = "system";
try {
  theme = localStorage.getItem("convo-theme") ?? theme;
} catch {
  // There is no storage here: the choice lasts as long as the page.
}
const themeButton = button("", () => {
  theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
  try {
    localStorage.setItem("convo-theme", theme);
  } catch {
    // As above.
  }
  dress();
});
const dress = () => {
  document.documentElement.dataset.theme = theme;
  themeButton.textContent = `Theme: ${theme === "system" ? "auto" : theme}`;
};

// Folding: all parts at once, and for printing, after which they are as they were.
const unfolded = () => conversation.querySelectorAll("details:not([open])");
const foldButton = button("Unfold all", () => {
  const closed = unfolded();
  const all = closed.length ? closed : conversation.querySelectorAll("details");
  for (const details of all) details.open = closed.length > 0;
  foldButton.textContent = closed.length ? "Fold all" : "Unfold all";
});
let unfoldedToPrint = [];
addEventListener("beforeprint", () => {
  unfoldedToPrint = [...unfolded()].filter((details) => !details.closest("[hidden]"));
  for (const details of unfoldedToPrint) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of unfoldedToPrint) details.open = false;
});

// Copying: a block gets its button when it comes near, because there may be thousands.
const copied = async (code, copyButton) => {
  try {
    await navigator.clipboard.writeText(code.textContent);
  } catch {
    getSelection().selectAllChildren(code);
    if (!document.execCommand("copy")) return;
    getSelection().removeAllRanges();
  }
  announce("Copied");
  copyButton.classList.add("done");
  setTimeout(() => copyButton.classList.remove("done"), 1500);
};
const addCopyButtons = (article) => {
  for (const code of article.querySelectorAll("pre > code:only-child")) {
    const copyButton = button("", () => copied(code, copyButton));
    copyButton.setAttribute("aria-label", "Copy");
    copyButton.title = "Copy";
    code.before(copyButton);
  }
};

// The turns that can be seen, or soon will be.
const near = new Set();
const whenNear = [addCopyButtons];
const whenNearChanges = [];
const nearness = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) {
        near.delete(target);
      } else {
        near.add(target);
        for (const each of whenNear) each(target);
      }
    }
    for (const each of whenNearChanges) each();
  },
  { rootMargin: "600px" },
);
