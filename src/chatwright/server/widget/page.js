/** Keeps the page's own language, title and colours in step with the chat inside it. */

addEventListener("chatwright-language", (event) => {
  const { language, title } = /** @type {CustomEvent<{language: string, title: string}>} */ (event).detail;
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  if (title) document.title = title;
});

addEventListener("chatwright-theme", (event) => {
  const { theme } = /** @type {CustomEvent<{theme: string}>} */ (event).detail;
  document.documentElement.dataset.theme = theme;
});
