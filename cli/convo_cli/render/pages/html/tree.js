// The tree of branches and turns, made of the list of links as far as it is unfolded.
const tree = make("ul", { role: "tree", "aria-labelledby": "outline-title", "aria-multiselectable": "true" });
const factsOf = new WeakMap();
const itemOf = new Map();
const GROUP = 100;
const FEW = 40;

const treeItem = (kind, key, words, children, place = "") => {
  const item = make("div", { role: "treeitem", tabindex: "-1", class: kind });
  item.append(make("span", { class: "twist", "aria-hidden": "true" }));
  if (place) item.append(make("span", { class: "place" }, `${place} `));
  item.append(make("span", { class: "words", dir: "auto" }, words));
  if (children) item.setAttribute("aria-expanded", "false");
  if (kind !== "group") itemOf.set(key, item);
  factsOf.set(item, { kind, key, children });
  return item;
};

// Puts items into a list of the tree, and says where each of them is.
const fill = (list, items, level) => {
  for (const [index, item] of items.entries()) {
    item.setAttribute("aria-level", level);
    item.setAttribute("aria-posinset", index + 1);
    item.setAttribute("aria-setsize", items.length);
    list.append(make("li", { role: "none" }, item));
  }
};

const branchItem = (branch) => {
  const own = segments.filter((segment) => segment.branch === branch.id);
  const turns = own.flatMap((segment) => segment.articles);
  return treeItem("branch", branch.id, branch.name, turns.length ? () => turnItems(turns) : null);
};

const numberOf = (article) => article.id.replace(/^.*turn-/, "");

const turnItem = (article) => {
  const forks = branches.filter((branch) => branch.after === article.id);
  const children = forks.length ? () => forks.map(branchItem) : null;
  const number = numberOf(article);
  const [words, place] =
    number > 0 ? [questionOf(article) || "…", number] : [article.querySelector("h3").textContent, ""];
  return treeItem("turn", article.id, words, children, place);
};

// Turns without a fork between them are put together if there are many: forks stay in sight.
const turnItems = (turns) => {
  const forking = new Set(branches.map((branch) => branch.after));
  const items = [];
  let run = [];
  const flush = () => {
    if (run.length <= FEW) items.push(...run.map(turnItem));
    else for (let at = 0; at < run.length; at += GROUP) items.push(groupItem(run.slice(at, at + GROUP)));
    run = [];
  };
  for (const article of turns) {
    if (forking.has(article.id)) {
      flush();
      items.push(turnItem(article));
    } else {
      run.push(article);
    }
  }
  flush();
  return items;
};

const groupItem = (turns) => {
  const words = `Turns ${numberOf(turns[0])}–${numberOf(turns.at(-1))}`;
  return treeItem("group", turns[0].id, words, () => turns.map(turnItem));
};

const groupOf = (item) => item.nextElementSibling;
const isOpen = (item) => item.getAttribute("aria-expanded") === "true";
const parentOf = (item) => item.closest('[role="group"]')?.previousElementSibling;

const fold = (item, open) => {
  const { children } = factsOf.get(item);
  if (!children) return;
  if (!groupOf(item) && open) {
    const group = make("ul", { role: "group", id: `below:${factsOf.get(item).key}` });
    fill(group, children(), Number(item.getAttribute("aria-level")) + 1);
    item.after(group);
    item.setAttribute("aria-owns", group.id);
  }
  if (groupOf(item)) groupOf(item).hidden = !open;
  item.setAttribute("aria-expanded", open);
};

const settle = (item, withFocus) => {
  tree.querySelector('[tabindex="0"]')?.setAttribute("tabindex", "-1");
  item.tabIndex = 0;
  if (withFocus) item.focus();
};

// The item of a branch, with all that it is below unfolded.
const reveal = (branch) => {
  const line = [branch];
  for (let after = byId(branch.after); after; after = byId(line[0].after)) {
    line.unshift(branchOf.get(after.closest(".segment").dataset.of));
  }
  for (const [index, each] of line.entries()) {
    if (index + 1 === line.length) break;
    fold(itemOf.get(each.id), true);
    fold(itemOf.get(line[index + 1].after), true);
  }
  return itemOf.get(branch.id);
};

const markInTree = () => {
  for (const item of tree.querySelectorAll("[aria-selected]")) item.removeAttribute("aria-selected");
  for (const id of view.ids) {
    const item = reveal(branchOf.get(id));
    item.setAttribute("aria-selected", "true");
    fold(item, true);
    if (!tree.contains(document.activeElement)) settle(item, false);
    scrollTo(item);
  }
};

// Only the outline is scrolled: `scrollIntoView` would move the page, too.
const scrollTo = (item) => {
  const box = tree.scrollHeight > tree.clientHeight ? tree : byId("outline");
  const [shown, wanted] = [box, item].map((element) => element.getBoundingClientRect());
  if (wanted.top < shown.top) box.scrollTop -= shown.top - wanted.top;
  if (wanted.bottom > shown.bottom) box.scrollTop += wanted.bottom - shown.bottom;
};

const shownItems = () =>
  [...tree.querySelectorAll('[role="treeitem"]')].filter((item) => !item.closest("[hidden]"));

const steps = {
  ArrowDown: (item, items) => items[items.indexOf(item) + 1],
  ArrowUp: (item, items) => items[items.indexOf(item) - 1],
  Home: (item, items) => items[0],
  End: (item, items) => items.at(-1),
  ArrowRight: (item) => {
    if (isOpen(item)) return groupOf(item).querySelector('[role="treeitem"]');
    fold(item, true);
    return item;
  },
  ArrowLeft: (item) => {
    if (!isOpen(item)) return parentOf(item);
    fold(item, false);
    return item;
  },
  "*": (item) => {
    for (const { firstElementChild } of item.closest("ul").children) fold(firstElementChild, true);
    return item;
  },
};

const activate = (item) => {
  const { kind, key } = factsOf.get(item);
  if (kind === "group") fold(item, !isOpen(item));
  else go(key);
};

const itemBeginning = (letter, item, items) => {
  const at = items.indexOf(item) + 1;
  const rest = [...items.slice(at), ...items.slice(0, at)];
  return rest.find((each) => each.textContent.toLowerCase().startsWith(letter));
};

tree.addEventListener("keydown", (event) => {
  const item = event.target.closest('[role="treeitem"]');
  if (!item || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Enter" || event.key === " ") {
    activate(item);
  } else {
    const isLetter = event.key.length === 1 && event.key !== "/";
    const step = steps[event.key];
    if (!step && !isLetter) return;
    const items = shownItems();
    const next = step ? step(item, items) : itemBeginning(event.key.toLowerCase(), item, items);
    if (next) settle(next, true);
  }
  event.preventDefault();
});

tree.addEventListener("click", (event) => {
  const item = event.target.closest('[role="treeitem"]');
  if (!item) return;
  settle(item, true);
  if (event.target.closest(".twist") && factsOf.get(item).children) fold(item, !isOpen(item));
  else activate(item);
});

const growTree = () => {
  const roots = branches.filter((branch) => !branch.after);
  const isOne = branches.length === 1;
  const turns = segments.flatMap((segment) => segment.articles);
  fill(tree, isOne ? turnItems(turns) : roots.map(branchItem), 1);
  if (!tree.firstElementChild) return;
  settle(tree.querySelector('[role="treeitem"]'), false);
  byId("branches").replaceWith(tree);
  if (!isOne) whenViewChanges.push(markInTree);
};
