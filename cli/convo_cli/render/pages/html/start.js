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
route();
for (const article of articles) nearness.observe(article);
