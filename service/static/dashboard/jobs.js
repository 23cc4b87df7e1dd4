// The list of jobs: what is chosen in it, and what can be done with that.
(function () {
  "use strict";

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    jobs: {
      filter: function (name, options) {
        return Object.assign({}, options, { quickFilterText: name || "" });
      },
      chosen: function (rows) {
        const count = (rows || []).length;
        const ended = ["succeeded", "failed", "cancelled"];
        const running = (rows || []).filter(function (row) { return !ended.includes(row.status); }).length;
        const which = count === 1 ? "The job “" + rows[0].name + "” is" : count + " jobs are";
        const words = which + " deleted with the history of its training, for good. Models and datasets stay.";
        return [count === 0, running === 0, count === 0, words];
      },
      compare: function (clicks, rows) {
        if (!clicks) return window.dash_clientside.no_update;
        return "/compare?ids=" + rows.map(function (row) { return row.id; }).join(",");
      },
    },
  });
})();
