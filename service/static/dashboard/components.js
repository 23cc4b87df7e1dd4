// Components of our own, as Dash takes them: functions of React under the name of their namespace.
(function () {
  "use strict";
  const element = window.React.createElement;
  const TAGS = ["g", "path", "circle", "rect", "line", "polyline", "polygon", "ellipse", "text", "tspan", "title", "desc", "defs", "marker"];

  // Texts become texts and attributes attributes; nothing is ever read as markup.
  function drawn(shape, place, choose) {
    if (!Array.isArray(shape)) return shape;
    const [tag, attributes, children] = shape;
    if (!TAGS.includes(tag)) return null;
    const { key, ...rest } = attributes;
    const more = key === undefined ? {} : choosable(key, choose);
    return element(tag, { key: place, ...rest, ...more }, ...children.map((child, number) => drawn(child, number, choose)));
  }

  function choosable(key, choose) {
    return {
      role: "button",
      tabIndex: 0,
      "data-key": key,
      onClick: function () { choose(key); },
      onKeyDown: function (event) {
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          choose(key);
        }
      },
    };
  }

  function Drawing(props) {
    const choose = function (key) { props.setProps({ chosen: key }); };
    const shapes = (props.shapes || []).map((shape, number) => drawn(shape, number, choose));
    const size = { viewBox: "0 0 " + props.width + " " + props.height, width: props.width, height: props.height };
    const chooses = JSON.stringify(props.shapes || []).includes('"key":');
    const said = { role: chooses ? "group" : "img", "aria-label": props.label };
    return element("svg", { id: props.id, className: "drawing " + props.className, ...size, ...said }, ...shapes);
  }

  function Moment(props) {
    const at = new Date(props.at);
    return element("time", { dateTime: props.at, title: at.toISOString() }, at.toLocaleString());
  }

  window.deltarule_dashboard = { Drawing: Drawing, Moment: Moment };
})();
