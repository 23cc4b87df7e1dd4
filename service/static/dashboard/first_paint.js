// The words that a page came with go in the moment in which its libraries have drawn it.
(function () {
  "use strict";
  const words = document.getElementById("first-paint");
  const drawn = document.getElementById("react-entry-point");

  // Who has come to a link of the words stays at the same link.
  function refocus(href) {
    const same = href && drawn.querySelector('a[href="' + CSS.escape(href) + '"]');
    (same || document.getElementById("content")).focus({ preventScroll: true });
  }

  new MutationObserver(function (_, observer) {
    if (!document.getElementById("content")) return;
    observer.disconnect();
    const focused = words.contains(document.activeElement) ? document.activeElement : null;
    words.remove();
    if (focused) refocus(focused.getAttribute("href"));
  }).observe(drawn, { childList: true, subtree: true });
})();
