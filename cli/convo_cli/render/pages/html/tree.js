// The tree of branches and turns, made of the list of links as far as it is unfolded.
const tree = make("ul", { role: "tree", "aria-labelledby": "outline-title" });
const facts = new WeakMap();
const itemOf = new Map();
const GROUP = 100;
const FEW = 40;

const treeItem = (kind, key, words, children, place = "") => {
  const row = make("span", { class: "row" }, make("span", { class: "twist", "aria-hidden": "true" }));
  row.append(make("span", { class: "place" }, place), make("span", { class: "words", dir: "auto" }, words));
  const label = `${place} ${words}`.trim();
  const item = make("li", { role: "treeitem", tabindex: "-1", class: kind, "aria-label": label }, row);
  if (children) item.setAttribute("aria-expanded", "false");
  if (kind !== "group") itemOf.set(key, item);
  facts.set(item, { kind, key, children });
  return item;
};

const branchItem = (branch) => {
  const own = segments.filter((segment) => segment.branch === branch.id);
  const articles = own.flatMap((segment) => segment.articles);
  return treeItem("branch", branch.id, branch.name, articles.length ? () => turnItems(articles) : null);
};

const turnItem = (article) => {
  const forks = branches.filter((branch) => branch.after === article.id);
  const number = article.id.replace(/^.*turn-/, "");
  const children = forks.length ? () => forks.map(branchItem) : null;
  return treeItem("turn", article.id, questionOf(article), children, number);
};

// Turns without a fork between them are put together if there are many: forks stay in sight.
const turnItems = (articles) => {
  const forking = new Set(branches.map((branch) => branch.after));
  const items = [];
  let run = [];
  const flush = () => {
    if (run.length <= FEW) items.push(...run.map(turnItem));
    else for (let at = 0; at < run.length; at += GROUP) items.push(groupItem(run.slice(at, at + GROUP)));
    run = [];
  };
  for (const article of articles) {
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

const groupItem = (articles) => {
  const [first, last] = [articles[0], articles.at(-1)].map(({ id }) => id.replace(/^.*turn-/, ""));
  return treeItem("group", articles[0].id, `Turns ${first}–${last}`, () => articles.map(turnItem));
};

const fold = (item, isOpen) => {
  const { children } = facts.get(item);
  if (!children) return;
  let group = item.querySelector(":scope > ul");
  if (!group && isOpen) {
    group = make("ul", { role: "group" }, ...children());
    item.append(group);
  }
  if (group) group.hidden = !isOpen;
  item.setAttribute("aria-expanded", isOpen);
};
const isOpen = (item) => item.getAttribute("aria-expanded") === "true";
const parentOf = (item) => item.parentElement.closest('[role="treeitem"]');

const settle = (item, withFocus) => {
  tree.querySelector('[tabindex="0"]')?.setAttribute("tabindex", "-1");
  item.tabIndex = 0;
  if (withFocus) item.focus();
};

const reveal = (branch) => {
  const after = byId(branch.after);
  if (after) {
    const parent = branchOf.get(after.closest(".segment").dataset.of);
    reveal(parent);
    fold(itemOf.get(parent.id), true);
    fold(itemOf.get(after.id), true);
  }
  return itemOf.get(branch.id);
};

const markInTree = () => {
  for (const item of tree.querySelectorAll('[aria-selected="true"]')) item.setAttribute("aria-selected", "false");
  for (const id of view.ids) {
    const item = reveal(branchOf.get(id));
    item.setAttribute("aria-selected", "true");
    fold(item, true);
    if (!tree.contains(document.activeElement)) settle(item, false);
  }
};

const shownItems = () =>
  [...tree.querySelectorAll('[role="treeitem"]')].filter((item) => !item.parentElement.closest("[hidden]"));

const steps = {
  ArrowDown: (item, items) => items[items.indexOf(item) + 1],
  ArrowUp: (item, items) => items[items.indexOf(item) - 1],
  Home: (item, items) => items[0],
  End: (item, items) => items.at(-1),
  ArrowRight: (item) => {
    if (isOpen(item)) return item.querySelector('[role="treeitem"]');
    fold(item, true);
    return item;
  },
  ArrowLeft: (item) => {
    if (!isOpen(item)) return parentOf(item);
    fold(item, false);
    return item;
  },
  "*": (item) => {
    for (const each of item.parentElement.children) fold(each, true);
    return item;
  },
};

const activate = (item) => {
  const { kind, key } = facts.get(item);
  if (kind === "group") fold(item, !isOpen(item));
  else go(key);
};

const itemBeginning = (letter, item, items) => {
  const at = items.indexOf(item) + 1;
  const rest = [...items.slice(at), ...items.slice(0, at)];
  return rest.find((each) => each.getAttribute("aria-label").toLowerCase().startsWith(letter));
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
  if (event.target.closest(".twist") && facts.get(item).children) fold(item, !isOpen(item));
  else activate(item);
});

const growTree = () => {
  const roots = branches.filter((branch) => !branch.after);
  const isOne = branches.length === 1;
  const articles = segments.flatMap((segment) => segment.articles);
  tree.append(...(isOne ? turnItems(articles) : roots.map(branchItem)));
  if (!tree.firstElementChild) return;
  settle(tree.firstElementChild, false);
  byId("branches").replaceWith(tree);
  if (!isOne) whenViewChanges.push(markInTree);
};
