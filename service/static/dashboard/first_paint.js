// The words that a page came with go in the moment in which its libraries have drawn it.
(function () {
  "use strict";
  const words = document.getElementById("first-paint");
  const drawn = document.getElementById("react-entry-point");

  new MutationObserver(function (_, observer) {
    if (!document.getElementById("content")) return;
    words.remove();
    observer.disconnect();
  }).observe(drawn, { childList: true, subtree: true });
})();
