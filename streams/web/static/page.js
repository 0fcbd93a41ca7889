// What pages need beside htmx. No inline handlers: the content policy forbids them.
"use strict";

// Keys that stand on a button or link: data-key="s". Not while somebody types.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const found = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]:not([disabled])`);
  if (found) {
    event.preventDefault();
    found.click();
  }
});

// What failed is said, and screen readers read it.
function tell(words) {
  const toast = document.createElement("p");
  toast.className = "toast";
  toast.textContent = words;
  document.getElementById("toasts").append(toast);
  setTimeout(() => toast.remove(), 8000);
}

document.addEventListener("htmx:responseError", (event) => {
  const request = event.detail.xhr;
  let words = `The page answered ${request.status}.`;
  const type = request.getResponseHeader("Content-Type") || "";
  if (type.includes("problem+json")) words = JSON.parse(request.responseText).detail;
  else if (type.includes("text/html")) {
    const told = new DOMParser().parseFromString(request.responseText, "text/html").querySelector("main p:not(.code)");
    if (told) words = told.textContent;
  }
  tell(words);
});
document.addEventListener("htmx:sendError", () => tell("The page does not answer. Is it still running?"));
