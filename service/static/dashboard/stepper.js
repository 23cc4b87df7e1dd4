// All steps are here already; going from one to the next asks the service for nothing.
(function () {
  "use strict";

  const element = window.React.createElement;

  function formula(sides, place) {
    const [name, expression, value] = sides;
    const parts = [element("span", { key: "n", className: "formula-name" }, name)];
    if (expression !== value) parts.push(" = " + expression);
    if (value !== undefined) {
      const sign = expression.endsWith("→") ? " " : " = ";
      parts.push(element("span", { key: "v", className: "formula-value" }, sign + value));
    }
    return element("div", { key: place }, parts);
  }

  function formulas(head, listed, name) {
    if (!listed.length) return null;
    const title = element("p", { key: "h", className: "formulas-head" }, head);
    return [title, element("div", { key: "f", className: "formulas " + name }, listed.map(formula))];
  }

  // A step: why, the formulas in symbols, and the same with the numbers in place.
  window.deltarule_dashboard.Board = function (props) {
    const told = props.told;
    const more = told.folded ? element("p", { className: "formulas-more" }, "… and " + told.folded + " more of the same form") : null;
    return element("div", { id: props.id },
      element("h2", { className: "step-title" }, told.title),
      element("p", { className: "step-words" }, told.words),
      formulas("In symbols", told.formulas, "symbols"),
      formulas("With the numbers", told.lines, "numbers"),
      more);
  };

  function clicked() {
    const trigger = window.dash_clientside.callback_context.triggered[0];
    return trigger ? trigger.prop_id : "";
  }

  // In a deep network, or on a phone, the layer that a step is about comes into view.
  function follow(x) {
    const picture = document.getElementById("stepper-picture");
    if (picture) picture.scrollLeft = x - picture.clientWidth / 2;
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    stepper: {
      show: function (number, data) {
        const step = data.steps[number - 1];
        window.setTimeout(function () { follow(step.x); }, 0);
        const last = number >= data.steps.length;
        const position = number + " of " + data.steps.length;
        return [data.backdrop.concat(step.shapes), step.told, position, number <= 1, last];
      },
      move: function (previous, next, ticks, number, last) {
        const by = clicked().startsWith("stepper-previous") ? -1 : 1;
        return Math.min(Math.max(number + by, 1), last);
      },
      play: function (clicks, number, stands, last) {
        const asked = clicked().startsWith("stepper-play");
        const rests = number >= last || (asked ? !stands : stands);
        return [rests, rests ? "Play" : "Pause"];
      },
    },
  });

  const TYPED_INTO = "input, textarea, select, [role=slider], [role=tab], [contenteditable]";
  document.addEventListener("keydown", function (event) {
    const button = { ArrowRight: "stepper-next", ArrowLeft: "stepper-previous" }[event.key];
    if (!button || event.altKey || event.ctrlKey || event.metaKey || event.target.matches(TYPED_INTO)) return;
    const found = document.getElementById(button);
    if (!found) return;
    event.preventDefault();
    found.click();
  });
})();
