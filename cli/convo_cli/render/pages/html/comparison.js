// Everything in its place.
dress();
byId("tools").append(foldButton, themeButton, announced);
for (const article of conversation.querySelectorAll("article")) nearness.observe(article);
