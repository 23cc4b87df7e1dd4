// What stands in the cells of the grids; AG Grid asks React for each by its name.
(function () {
  "use strict";
  const element = window.React.createElement;
  const cells = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  const WIDTH = 110;
  const HEIGHT = 26;

  function follow(event) {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    window.history.pushState({}, "", event.currentTarget.getAttribute("href"));
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  }

  // A cell's value is a text, and its row says where it leads: {name: "penguins", href: "/jobs/..."}.
  cells.Link = function (props) {
    return element("a", { href: props.data.href, className: "cell-link", onClick: follow }, props.value);
  };

  cells.Status = function (props) {
    return element("span", { className: "status status-" + props.value }, props.value);
  };

  // From 0 to 1, with words: {fraction: 0.2, progress: "12 of 60"}.
  cells.Progress = function (props) {
    const percent = Math.round(100 * (props.data.fraction || 0));
    const bar = element("span", { className: "bar-done", style: { width: percent + "%" } });
    return element("span", { className: "progress" }, props.value, element("span", { className: "bar", "aria-hidden": true }, bar));
  };

  // A small curve; heights are logarithmic where the values fall by more than two powers of ten.
  cells.Curve = function (props) {
    const values = (props.value || []).map(function (value) { return value === null ? NaN : value; });
    const known = values.filter(Number.isFinite);
    if (known.length < 2) return element("span", { className: "soft" }, "–");
    const low = Math.min(...known);
    const steep = low > 0 && Math.max(...known) / low > 100;
    const height = steep ? Math.log : function (value) { return value; };
    const bottom = height(low);
    const range = height(Math.max(...known)) - bottom || 1;
    let path = "";
    values.forEach(function (value, place) {
      if (!Number.isFinite(value)) return;
      const x = 2 + ((WIDTH - 4) * place) / (values.length - 1);
      const y = HEIGHT - 3 - ((HEIGHT - 6) * (height(value) - bottom)) / range;
      path += (path ? "L" : "M") + x.toFixed(1) + " " + y.toFixed(1);
    });
    const said = "Loss, from " + known[0].toPrecision(3) + " to " + known[known.length - 1].toPrecision(3);
    const size = { viewBox: "0 0 " + WIDTH + " " + HEIGHT, width: WIDTH, height: HEIGHT, role: "img", "aria-label": said };
    return element("svg", { className: "curve", ...size }, element("path", { d: path }));
  };

  cells.Moment = function (props) {
    if (!props.value) return "–";
    const at = new Date(props.value);
    return element("time", { dateTime: props.value, title: at.toISOString() }, at.toLocaleString(undefined, { dateStyle: "short", timeStyle: "short" }));
  };
})();
