// Branches: each is the segments from the beginning to the one where it ends. The page shows one
// branch, or two side by side from where they part, or all; the address says which.
const segments = [...conversation.querySelectorAll(".segment")].map((element) => ({
  element,
  id: element.id,
  up: element.dataset.up,
  branch: element.dataset.of,
  articles: [...element.children].filter((child) => child.tagName === "ARTICLE"),
}));
const segmentOf = new Map(segments.map((segment) => [segment.id, segment]));
const branches = [...byId("branches").children].map((item) => ({
  id: item.dataset.branch,
  end: item.dataset.end,
  after: item.dataset.after,
  name: item.querySelector("bdi").textContent,
}));
const branchOf = new Map(branches.map((branch) => [branch.id, branch]));

const pathOf = (branch) => {
  const path = [];
  for (let segment = segmentOf.get(branch.end); segment; segment = segmentOf.get(segment.up)) {
    path.unshift(segment);
  }
  return path;
};
const turnsOf = (path) => path.reduce((sum, segment) => sum + segment.articles.length, 0);
const counted = (count, thing) => `${count.toLocaleString("en")} ${thing}${count === 1 ? "" : "s"}`;
const questionOf = (article) => {
  const text = article?.querySelector(".user > .text")?.textContent ?? "";
  const words = text.slice(0, 200).trim().replace(/\s+/g, " ");
  return words.length > 80 ? `${words.slice(0, 79)}…` : words;
};
const addressOf = ({ kind, ids }) =>
  kind === "branch" ? ids[0] : kind === "all" ? "all" : `compare:${ids.map((id) => id.slice(7)).join(":")}`;

let view = null;
const whenViewChanges = [];

const show = (next) => {
  if (view && addressOf(view) === addressOf(next)) return;
  if (view?.kind === "compare") {
    byId("sides").remove();
    byId("shared").remove();
    conversation.append(...segments.map((segment) => segment.element));
  }
  view = next;
  const paths = next.ids.map((id) => pathOf(branchOf.get(id)));
  const visible = new Set(next.kind === "all" ? segments : paths.flat());
  for (const segment of segments) segment.element.hidden = !visible.has(segment);
  if (next.kind === "compare") showSides(next.ids, ...paths);
  byId("main").classList.toggle("wide", next.kind === "compare");
  markForks(next.kind === "all" ? new Set() : visible);
  for (const each of whenViewChanges) each();
};

const showSides = (ids, left, right) => {
  let common = 0;
  while (common < left.length && left[common] === right[common]) common += 1;
  const sides = make("div", { id: "sides" });
  for (const [index, path] of [left, right].entries()) {
    const { name } = branchOf.get(ids[index]);
    const own = path.slice(common);
    const heading = make("h2", { id: `side-${index}` }, make("bdi", {}, name), " ");
    heading.append(make("small", {}, counted(turnsOf(own), "turn")));
    const side = make("section", { class: "side", "aria-labelledby": heading.id }, heading);
    side.append(...own.map((segment) => segment.element));
    if (path.length === common) side.append(make("p", {}, "This branch ends where they part."));
    sides.append(side);
  }
  conversation.append(sides, sharedTurns(left.slice(0, common)));
  conversation.prepend(byId("shared"));
};

// The turns that both sides share are hidden at first.
const sharedTurns = (shared) => {
  const label = (are) => `${are ? "Hide" : "Show"} the ${counted(turnsOf(shared), "shared turn")}`;
  const toggle = (are) => {
    for (const segment of shared) segment.element.hidden = !are;
    shown.textContent = label(are);
    shown.setAttribute("aria-expanded", are);
  };
  const shown = button("", () => toggle(shared[0].element.hidden));
  toggle(false);
  const notice = make("p", { id: "shared" });
  notice.append(shared.length ? shown : "These branches share no turn.");
  return notice;
};

// What one can go on with at the forks, each with the segment that it begins with, if it has turns.
const options = [...conversation.querySelectorAll(".fork li")].map((element) => {
  const link = element.querySelector("a");
  const article = element.id ? null : byId(link.hash.slice(1));
  const segment = segmentOf.get(article?.closest(".segment").id);
  return { element, link, article, segment, branch: element.dataset.branch };
});

const markForks = (visible) => {
  for (const { element, link, segment } of options) {
    const isShown = visible.has(segment);
    element.classList.toggle("shown", isShown);
    if (isShown) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
};

const completeForks = () => {
  let first = null;
  for (const option of options) {
    const { element, article, branch } = option;
    if (first?.element.parentElement !== element.parentElement) first = option;
    const asked = questionOf(article);
    if (asked) element.append(make("span", { class: "asks" }, ": ", make("bdi", {}, asked)));
    if (option === first || !article) continue;
    const ids = [first.branch, branch];
    const link = make("a", { href: `#${addressOf({ kind: "compare", ids })}` }, "side by side");
    const names = ids.map((id) => branchOf.get(id).name);
    link.setAttribute("aria-label", `${names.join(" and ")} side by side`);
    element.append(make("span", { class: "beside" }, " · ", link));
  }
};

const land = (element, top = element) => {
  if (!element) return;
  element.tabIndex = -1;
  element.focus({ preventScroll: true });
  top.scrollIntoView();
  // Turns out of sight have sizes that are guesses until they are drawn.
  requestAnimationFrame(() => top.scrollIntoView());
};

const current = conversation.dataset.current;
const opening = { kind: "branch", ids: [branchOf.has(current) ? current : branches[0].id] };

const route = () => {
  const address = location.hash.slice(1);
  const ids = address.startsWith("compare:")
    ? address.split(":").slice(1).map((name) => `branch:${name}`)
    : [address];
  if (ids.length === 2 && ids[0] !== ids[1] && ids.every((id) => branchOf.has(id))) {
    show({ kind: "compare", ids });
    land(byId("side-0"), views);
  } else if (address === "all") {
    show({ kind: "all", ids: [] });
  } else if (branchOf.has(address)) {
    show({ kind: "branch", ids });
    land(byId(address));
  } else {
    if (!address || !view) show(opening);
    const target = address ? byId(address) : null;
    const segment = segmentOf.get(target?.closest(".segment")?.id);
    if (segment?.element.hidden) show({ kind: "branch", ids: [segment.branch] });
    if (segment) land(target);
  }
};

const go = (address) => {
  if (location.hash === `#${address}`) route();
  else location.hash = address;
};

// The choice of a branch, and of one beside it.
const views = make("div", { id: "views", role: "group", "aria-label": "What is shown" });
const select = (label, changed) => {
  const element = make("select", {});
  element.addEventListener("change", changed);
  views.append(make("label", {}, label, element));
  return element;
};
const offerViews = () => {
  const choose = () => go(chosen.value === "all" ? "all" : chosen.value);
  const chosen = select("Branch", choose);
  const beside = select("Side by side with", () => {
    const ids = [chosen.value, beside.value];
    go(beside.value ? addressOf({ kind: "compare", ids }) : chosen.value);
  });
  beside.append(make("option", { value: "" }, "nothing"));
  for (const { id, name } of branches) {
    chosen.append(make("option", { value: id }, name));
    beside.append(make("option", { value: id }, name));
  }
  chosen.append(make("option", { value: "all" }, "all branches, one after another"));
  whenViewChanges.push(() => {
    chosen.value = view.kind === "all" ? "all" : view.ids[0];
    beside.value = view.ids[1] ?? "";
    beside.disabled = view.kind === "all";
    for (const option of beside.options) option.disabled = option.value === chosen.value;
    const names = view.ids.map((id) => branchOf.get(id).name);
    announce(view.kind === "all" ? "All branches" : `Branch ${names.join(" beside ")}`);
  });
  conversation.before(views);
};
