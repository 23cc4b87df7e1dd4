// Tables on their way in, and questions before something is deleted.
(function () {
  "use strict";
  const React = window.React;
  const element = React.createElement;
  const ADDRESS = "/datasets";
  const UNANSWERED = "The service did not answer; look whether the table is in the list, and send it again if it is not.";

  function problem(request) {
    try {
      const told = JSON.parse(request.responseText);
      const faults = (told.errors || []).map(function (fault) { return fault.detail; });
      return faults.length ? faults.join(" ") : told.detail;
    } catch {
      return "The service answered with the status " + request.status + ".";
    }
  }

  function send(file, tell, kept) {
    const request = new XMLHttpRequest();
    const form = new FormData();
    // What a browser takes a file for depends on the programs around it; the name tells more.
    form.append("file", new File([file], file.name, { type: "application/octet-stream" }));
    request.open("POST", ADDRESS);
    request.upload.onprogress = function (event) {
      const share = event.lengthComputable ? event.loaded / event.total : 0;
      tell({ busy: true, share: share, words: share < 1 ? "Sending " + file.name + " …" : "Reading " + file.name + " …" });
    };
    request.onload = function () {
      if (request.status === 401) {
        const here = window.location.pathname + window.location.search;
        window.location.assign("/sign-in?next=" + encodeURIComponent(here));
      } else if (request.status === 201) {
        tell({ busy: false, words: file.name + " is uploaded." });
        kept(JSON.parse(request.responseText).id);
      } else {
        tell({ busy: false, wrong: problem(request) });
      }
    };
    request.onerror = function () { tell({ busy: false, wrong: UNANSWERED }); };
    tell({ busy: true, share: 0, words: "Sending " + file.name + " …" });
    request.send(form);
  }

  function TableUpload(props) {
    const [state, tell] = React.useState({ busy: false });
    const [over, setOver] = React.useState(false);
    const input = props.id + "-file";

    function take(files) {
      const file = files && files[0];
      if (!file || state.busy) return;
      if (file.size > props.limit) {
        tell({ busy: false, wrong: file.name + " is larger than the " + props.limitInWords + " that the service takes." });
        return;
      }
      send(file, tell, function (kept) { props.setProps({ kept: kept }); });
    }

    const dragging = {
      onDragOver: function (event) { event.preventDefault(); setOver(true); },
      onDragLeave: function () { setOver(false); },
      onDrop: function (event) { event.preventDefault(); setOver(false); take(event.dataTransfer.files); },
    };
    const choose = element("input", {
      id: input, type: "file", accept: props.accept, disabled: state.busy, "aria-describedby": props.id + "-hint",
      onChange: function (event) { take(event.target.files); event.target.value = ""; },
    });
    const hint = "CSV, Parquet, NPZ, JSON or JSON lines, up to " + props.limitInWords + "; drop it here or choose it.";
    return element("div", { id: props.id, className: over ? "upload upload-over" : "upload", ...dragging },
      element("label", { htmlFor: input, className: "upload-label" }, "Upload a table"),
      choose,
      element("span", { id: props.id + "-hint", className: "soft" }, hint),
      state.busy ? element("progress", { max: 1, value: state.share < 1 ? state.share : undefined, "aria-label": state.words }) : null,
      element("span", { role: "status" }, state.words || ""),
      state.wrong ? element("span", { role: "alert", className: "upload-wrong" }, state.wrong) : null);
  }

  Object.assign(window.deltarule_dashboard, { TableUpload: TableUpload });
  Object.assign(window.dash_clientside.deltarule, {
    // The button opens the question, and so does nothing else.
    asked: function () {
      const triggered = window.dash_clientside.callback_context.triggered_id;
      return String(triggered).endsWith("-remove");
    },
  });
})();
