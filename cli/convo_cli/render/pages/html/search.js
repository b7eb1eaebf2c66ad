// Search: counts the hits of all turns, of every branch, and marks those of the turns in sight.
const query = make("input", { type: "search", id: "query", placeholder: "Search  /", autocomplete: "off" });
const hits = make("output", { for: "query", role: "status" });
const articles = segments.flatMap((segment) => segment.articles);
const texts = [];
let counts = [];
let total = 0;
let at = -1;
let pattern = null;
let searches = 0;

const patternOf = (words) => {
  const escaped = words.trim().replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  return escaped ? new RegExp(escaped.replace(/\s+/g, "\\s+"), "giu") : null;
};

const tell = (isDone) => {
  if (!pattern) hits.textContent = "";
  else if (!total) hits.textContent = isDone ? "no hits" : "searching…";
  else hits.textContent = at < 0 ? counted(total, "hit") : `${(at + 1).toLocaleString("en")} of ${total.toLocaleString("en")}`;
};

const search = async () => {
  searches += 1;
  const mine = searches;
  pattern = patternOf(query.value);
  counts = [];
  total = 0;
  at = -1;
  paint();
  let since = performance.now();
  for (let index = 0; pattern && index < articles.length; index += 1) {
    texts[index] ??= articles[index].textContent;
    counts[index] = texts[index].match(pattern)?.length ?? 0;
    total += counts[index];
    if (performance.now() - since > 30) {
      tell(false);
      await new Promise((resume) => setTimeout(resume));
      if (mine !== searches) return;
      since = performance.now();
    }
  }
  tell(true);
  paint();
};

// The hits of a turn as ranges: a hit may begin in one element and end in another.
const rangesOf = (article) => {
  const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
  const nodes = [];
  let length = 0;
  while (walker.nextNode()) {
    nodes.push([length, walker.currentNode]);
    length += walker.currentNode.length;
  }
  let place = 0;
  return [...article.textContent.matchAll(pattern)].map((match) => {
    const range = new Range();
    while (place + 1 < nodes.length && nodes[place + 1][0] <= match.index) place += 1;
    range.setStart(nodes[place][1], match.index - nodes[place][0]);
    const end = match.index + match[0].length;
    let last = place;
    while (last + 1 < nodes.length && nodes[last + 1][0] < end) last += 1;
    range.setEnd(nodes[last][1], end - nodes[last][0]);
    return range;
  });
};

const canMark = "highlights" in CSS;
const paint = () => {
  if (!canMark) return;
  const found = pattern ? [...near].flatMap((article) => rangesOf(article)) : [];
  CSS.highlights.set("hit", new Highlight(...found));
  if (at < 0) CSS.highlights.delete("here");
};

const goToHit = (step) => {
  if (!total) return;
  at = at < 0 && step < 0 ? total - 1 : (at + step + total) % total;
  let index = 0;
  let before = 0;
  while (before + (counts[index] ?? 0) <= at) {
    before += counts[index] ?? 0;
    index += 1;
  }
  const article = articles[index];
  const segment = segmentOf.get(article.closest(".segment").id);
  if (segment.element.hidden) show({ kind: "branch", ids: [segment.branch] });
  const range = rangesOf(article)[at - before];
  unfold(range);
  const here = () => {
    const { top, bottom } = range.getBoundingClientRect();
    if (top < 120 || bottom > innerHeight - 40) scrollBy(0, top - innerHeight * 0.4);
  };
  article.scrollIntoView({ block: "nearest" });
  here();
  requestAnimationFrame(here);
  if (canMark) CSS.highlights.set("here", Object.assign(new Highlight(range), { priority: 1 }));
  else getSelection().setBaseAndExtent(range.startContainer, range.startOffset, range.endContainer, range.endOffset);
  tell(true);
};

const unfold = (range) => {
  for (let node = range.startContainer.parentElement; node; node = node.parentElement) {
    if (node.tagName === "SUMMARY") node = node.parentElement;
    else if (node.tagName === "DETAILS") node.open = true;
  }
};

const offerSearch = () => {
  const form = make("form", { id: "find", role: "search" });
  const previous = button("↑", () => goToHit(-1));
  const next = make("button", { type: "submit", "aria-label": "Next hit", title: "Next hit (Enter)" }, "↓");
  previous.setAttribute("aria-label", "Previous hit");
  previous.title = "Previous hit (Shift+Enter)";
  form.append(make("label", { for: "query", class: "quiet" }, "Search this page"), query, hits, previous, next);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    goToHit(1);
  });
  query.addEventListener("input", search);
  query.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.shiftKey) return;
    event.preventDefault();
    goToHit(-1);
  });
  addEventListener("keydown", (event) => {
    const isTyping = event.target.closest?.("input, select, textarea");
    if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    query.focus();
    query.select();
  });
  whenNearChanges.push(() => pattern && paint());
  return form;
};
