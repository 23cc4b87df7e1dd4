// What the shell does in the browser: titles, focus, the navigation, and a timer that rests while nobody looks.
(function () {
  "use strict";

  function headed() {
    const heading = document.querySelector("#content .heading");
    if (heading) heading.focus({ preventScroll: true });
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    deltarule: {
      // Who reads with their ears is told of the new page by its heading; the first one is told by the browser itself.
      entitle: function (title) {
        document.title = title;
        window.scrollTo(0, 0);
        window.setTimeout(headed, 50);
      },
      navbar: function (opened, navbar) {
        return Object.assign({}, navbar, { collapsed: { mobile: !opened } });
      },
      arrived: function () {
        return [false, null];
      },
    },
  });

  document.addEventListener("visibilitychange", function () {
    const seen = !document.hidden;
    const rest = seen ? { max_intervals: -1, n_intervals: Date.now() } : { max_intervals: 0 };
    window.dash_clientside.set_props("poll", rest);
  });
})();
