// What becomes of an answer that is none: a sentence on the page, another try, or the door.
(function () {
  "use strict";
  const DASH = "/_dash-";
  const READING = ["poll.n_intervals", "address.pathname", "address.search"];
  const AWAY = [502, 503, 504];
  const PAUSE = 1000;
  const UNANSWERED = "The service did not answer, so it is not known whether this was done. Look, and try again.";
  const ask = window.fetch.bind(window);
  let leaving = false;
  let library = null;

  window.addEventListener("pagehide", function () { leaving = true; });
  // Signing out is the only form that the browser itself sends: what was asked before it must not lead elsewhere.
  document.addEventListener("submit", function () { leaving = true; });

  function pause(milliseconds) {
    return new Promise(function (resolve) { window.setTimeout(resolve, milliseconds); });
  }

  function nothing() {
    return new Response(null, { status: 204 });
  }

  // What every page asks for first came with its document.
  function early(path) {
    const told = document.querySelector('script[data-answers="' + path + '"]');
    if (!told) return null;
    told.remove();
    return new Response(told.textContent, { headers: { "Content-Type": "application/json" } });
  }

  // A library that no page so far has needed is fetched before the answer that needs it is given to Dash.
  async function complete(response) {
    const told = document.querySelector("script[data-library]");
    if (!told || response.status === 204) return response;
    const words = await response.clone().text();
    if (!words.includes('"namespace":"' + told.dataset.library + '"')) return response;
    // Once, however many answers need it; and again where it did not come.
    library = library || loaded(JSON.parse(told.textContent));
    try {
      await library;
    } catch (error) {
      library = null;
      throw error;
    }
    told.remove();
    return response;
  }

  async function loaded(sources) {
    for (const source of sources) await load(source);
  }

  function load(source) {
    return new Promise(function (resolve, reject) {
      const script = document.createElement("script");
      script.src = source;
      script.onload = resolve;
      script.onerror = reject;
      document.head.append(script);
    });
  }

  // What only looks may be asked again; whether something else was done before the connection broke, nobody knows.
  function reads(options) {
    if (!options || !options.body) return true;
    const changed = JSON.parse(options.body).changedPropIds || [];
    return changed.every(function (name) { return READING.includes(name); });
  }

  function lost(words) {
    if (leaving) return;
    const banner = document.getElementById("connection");
    banner.textContent = words;
    banner.hidden = false;
  }

  function found() {
    document.getElementById("connection").hidden = true;
  }

  function say(words) {
    const props = {
      children: words, title: "That did not work", color: "red", variant: "outline", mb: "md",
      withCloseButton: true, closeButtonLabel: "Close this message",
    };
    const alert = { namespace: "dash_mantine_components", type: "Alert", props: props };
    window.dash_clientside.set_props("notice", { children: alert });
  }

  async function settled(response) {
    if (leaving) return nothing();
    if (response.status === 401) {
      const here = window.location.pathname + window.location.search;
      window.location.assign("/sign-in?next=" + encodeURIComponent(here));
    } else {
      const problem = await response.json().catch(function () { return {}; });
      say(problem.detail || "The service answered with the status " + response.status + ".");
    }
    return nothing();
  }

  async function answered(address, options) {
    const response = await ask(address, options);
    return response.ok ? complete(response) : response;
  }

  window.fetch = async function (address, options) {
    const path = typeof address === "string" ? new URL(address, window.location).pathname : "";
    if (!path.startsWith(DASH)) return ask(address, options);
    const told = early(path);
    if (told) return told;
    const again = reads(options);
    for (;;) {
      // An answer that breaks off, or whose library does not come, is none.
      const response = await answered(address, options).catch(function () { return null; });
      if (response && response.ok) {
        found();
        return response;
      }
      if (response && response.status === 429 && again) {
        const seconds = Number(response.headers.get("Retry-After")) || 5;
        lost("Too many requests; going on in " + seconds + " s.");
        await pause(seconds * 1000);
        continue;
      }
      if (response && !AWAY.includes(response.status)) {
        found();
        return settled(response);
      }
      lost("The service does not answer; trying again.");
      if (!again) {
        say(UNANSWERED);
        return nothing();
      }
      await pause(PAUSE);
    }
  };
})();
