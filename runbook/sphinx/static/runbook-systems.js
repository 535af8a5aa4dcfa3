// The question on the first page: which system the hosts run. It is kept with the other choices of this browser.
"use strict";

(() => {
  const { store, make, say, _ } = window.runbook;
  const listed = document.getElementById("runbook-platforms");
  const platforms = [["", _("All systems")], ...JSON.parse(listed.textContent)];

  const radios = platforms.map(([name, title]) => {
    const radio = make("input", { type: "radio", name: "runbook-system", value: name });
    radio.addEventListener("change", () => {
      store.change((state) => { state.tabs = { ...state.tabs, platform: name }; });
      say(name ? _("All pages now show the steps for %s", title) : _("All pages now show the steps for all systems"));
    });
    return make("label", {}, radio, ` ${title}`);
  });
  const question = make("fieldset", { class: "runbook-panel runbook-systems" },
    make("legend", {}, _("Which system do your hosts run?")),
    ...radios,
    make("p", { class: "runbook-note" }, _("All pages then show the steps for it, and leave out the others. This stays in your browser; each page lets you change it.")));

  const show = () => {
    const chosen = store.read().tabs.platform || "";
    for (const label of radios) {
      const radio = label.firstElementChild;
      radio.checked = radio.value === chosen;
    }
  };
  const heading = [...document.querySelectorAll('[role="main"] h1, main h1, article h1, .body h1')]
    .find((one) => one.getClientRects().length);
  if (heading) heading.after(question);
  show();
  document.addEventListener("runbook:changed", show);
  addEventListener("storage", show);
})();
