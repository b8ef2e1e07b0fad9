// A wide formula scrolls: it can be reached with the keyboard then.
function reachable() {
  for (const formula of document.querySelectorAll("mjx-container[display]")) {
    formula.toggleAttribute("tabindex", formula.scrollWidth > formula.clientWidth);
    if (formula.hasAttribute("tabindex")) formula.setAttribute("tabindex", "0");
  }
}
window.addEventListener("load", () => window.MathJax?.startup?.promise.then(reachable));
window.addEventListener("resize", reachable);
