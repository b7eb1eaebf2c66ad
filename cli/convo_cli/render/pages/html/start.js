// Everything in its place, and what the address asks for.
dress();
byId("tools").append(offerSearch(), foldButton, themeButton, announced);
completeForks();
growTree();
if (branches.length > 1) offerViews();
addEventListener("click", (event) => {
  const link = event.target.closest?.('a[href^="#"]');
  if (!link || link.hash !== location.hash) return;
  event.preventDefault();
  route();
});
addEventListener("hashchange", route);
const opening = branchOf.has(conversation.dataset.current) ? conversation.dataset.current : branches[0].id;
show({ kind: "branch", ids: [opening] });
route();
for (const article of articles) nearness.observe(article);
