// Progress through the guide: steps done, the reader's own values, and the chosen platform. All of
// it stays in this browser.
"use strict";

(() => {
  const { store, make, say, _, ngettext } = window.runbook;
  const steps = [...document.querySelectorAll("article.runbook-step")];
  const listed = document.getElementById("runbook-values");
  const values = listed ? JSON.parse(listed.textContent) : [];
  const places = [...document.querySelectorAll(".runbook-value")];
  for (const place of places) place.dataset.example = place.textContent;
  const platformsOf = (step) => (step.dataset.platforms || "").split(" ").filter(Boolean);
  const platforms = [...new Set(steps.flatMap(platformsOf))];
  const titleOf = (step) => step.querySelector(".runbook-step-title > span:nth-of-type(2)").textContent;

  // Only names and addresses may be inserted into commands.
  const NAME_OR_ADDRESS = /^[\w.:/-]*$/;

  const fill = (values) => {
    for (const place of places) {
      const text = values[place.dataset.value];
      place.textContent = text || place.dataset.example;
      place.classList.toggle("runbook-value-filled", Boolean(text));
    }
  };

  const box = (step) => {
    const tick = make("input", { type: "checkbox", "aria-label": _("Done: %s", titleOf(step)) });
    tick.addEventListener("change", () => store.change((state) => {
      state.done = { ...state.done };
      if (tick.checked) state.done[step.dataset.step] = new Date().toISOString();
      else delete state.done[step.dataset.step];
    }));
    step.querySelector(".runbook-step-head").append(make("label", { class: "runbook-done" }, tick, " ", _("Done")));
    return tick;
  };
  const ticks = steps.map(box);

  const progress = make("span", { class: "runbook-progress" });
  const meter = make("progress", { class: "runbook-meter", "aria-label": _("Steps done") });
  const next = make("a", { class: "runbook-next" });
  const hidden = make("p", { class: "runbook-note", hidden: "" });
  const select = make("select", {}, make("option", { value: "" }, _("all")), ...platforms.map((name) => make("option", { value: name }, name)));
  select.addEventListener("change", () => store.change((state) => { state.tabs = { ...state.tabs, platform: select.value }; }));

  const follow = () => {
    const state = store.read();
    const wanted = platforms.includes(state.tabs.platform) && platforms.length > 1 ? state.tabs.platform : "";
    select.value = wanted;
    let elsewhere = 0;
    const here = steps.filter((step) => {
      const mine = platformsOf(step);
      const shown = !wanted || !mine.length || mine.includes(wanted);
      step.hidden = !shown;
      elsewhere += !shown;
      return shown && !step.closest(".runbook-tab[hidden]");
    });
    hidden.hidden = !elsewhere;
    hidden.textContent = ngettext("%s step for other systems is not shown.", "%s steps for other systems are not shown.", elsewhere, elsewhere);
    steps.forEach((step, number) => {
      const done = step.dataset.step in state.done;
      ticks[number].checked = done;
      step.classList.toggle("runbook-step-done", done);
      for (const link of document.querySelectorAll(`:is(nav, aside, [role="navigation"]) a[href="#${CSS.escape(step.id)}"]`)) {
        link.classList.toggle("runbook-toc-done", done);
        link.parentElement.hidden = step.hidden;
      }
    });
    const done = here.filter((step) => step.dataset.step in state.done);
    progress.textContent = _("%s of %s steps done", done.length, here.length);
    meter.max = here.length || 1;
    meter.value = done.length;
    const first = here.find((step) => !(step.dataset.step in state.done));
    next.hidden = !first;
    if (first) {
      next.href = `#${first.id}`;
      next.textContent = done.length ? _("Next: %s", titleOf(first)) : _("Begin: %s", titleOf(first));
    }
    fill(state.own);
  };

  const field = ([name, example], number) => {
    const id = `runbook-value-${number}`;
    const input = make("input", { id, type: "text", placeholder: example, autocomplete: "off", autocapitalize: "off", spellcheck: "false" });
    input.value = store.read().own[name] || "";
    input.addEventListener("input", () => {
      const text = input.value.trim();
      const fits = NAME_OR_ADDRESS.test(text);
      input.setCustomValidity(fits ? "" : _("A name or an address: letters, digits and . : / - _"));
      input.setAttribute("aria-invalid", String(!fits));
      if (!fits) {
        input.reportValidity();
        return;
      }
      store.change((state) => {
        state.own = { ...state.own };
        if (text && text !== example) state.own[name] = text;
        else delete state.own[name];
      });
    });
    return make("div", { class: "runbook-field" }, make("label", { for: id }, name === example ? _("%s (name)", name) : name), input);
  };

  const panel = () => {
    const element = make("div", { class: "runbook-panel", role: "region", "aria-label": _("Following along") });
    if (steps.length) {
      const row = make("div", { class: "runbook-row" }, progress, meter, next);
      if (platforms.length > 1) row.append(make("label", { class: "runbook-system" }, _("Your system: "), select));
      element.append(row, hidden);
    }
    const fields = values.map(field);
    const reset = make("button", { type: "button", class: "runbook-button" }, _("Forget ticks and values"));
    reset.addEventListener("click", () => {
      if (reset.dataset.sure === undefined) {
        reset.dataset.sure = "";
        reset.textContent = _("Really forget all of this guide?");
        say(_("Press again to forget all ticks and values of this guide"));
        setTimeout(() => { delete reset.dataset.sure; reset.textContent = _("Forget ticks and values"); }, 4000);
        return;
      }
      store.change((state) => { state.done = {}; state.own = {}; state.tabs = {}; });
      for (const input of element.querySelectorAll(".runbook-field input")) input.value = "";
      say(_("All ticks and values are forgotten"));
    });
    const form = make("form", { class: "runbook-values" });
    form.addEventListener("submit", (event) => event.preventDefault());
    const note = make("p", { class: "runbook-note" }, fields.length
      ? _("The page uses your names and addresses in place of the examples. They stay in this browser. Do not enter passwords.")
      : _("What you tick stays in this browser."));
    form.append(note, make("div", { class: "runbook-fields" }, ...fields), reset);
    element.append(make("details", {}, make("summary", {}, fields.length ? _("Your names and addresses") : _("Ticks")), form));
    return element;
  };

  // Some themes have another heading, for printing, which is not shown.
  const heading = [...document.querySelectorAll('[role="main"] h1, main h1, article h1, .body h1')]
    .find((one) => one.getClientRects().length);
  if (heading && (steps.length || values.length)) heading.after(panel());
  follow();
  document.addEventListener("runbook:changed", follow);
  addEventListener("storage", follow);
  // Show a step that is the target of a link, even if it is for another platform.
  const linked = () => {
    const step = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (step?.matches("article.runbook-step") && step.hidden) {
      store.change((state) => { state.tabs = { ...state.tabs, platform: "" }; });
      step.scrollIntoView();
    }
  };
  linked();
  addEventListener("hashchange", linked);
})();
