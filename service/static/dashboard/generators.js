// What Dash's libraries want of its polyfill, which browsers of today do without: to walk through a generator that was
// compiled into steps. The only ones are `async () => { await ...; ... }`, without a try; a test looks for others.
(function () {
  "use strict";

  function wrap(step) {
    const place = { prev: 0, next: 0, sent: undefined, done: false, stop: function () { place.done = true; } };
    return {
      next: function (sent) {
        place.sent = sent;
        const value = step(place);
        return { value: value, done: place.done };
      },
      throw: function (error) { throw error; },
    };
  }

  window.regeneratorRuntime = { mark: function (generator) { return generator; }, wrap: wrap };
})();
