// Copy and download buttons, tabs, and recordings. The page is complete without this script.
"use strict";

(() => {
  const root = new URL(document.documentElement.dataset.content_root || ".", location.href);
  const key = `runbook:${root.pathname}`;
  let memory = {};

  // The words of the page's language, if it is not English; `%s` stands for a value.
  const { words = {}, plural = (n) => Number(n !== 1) } = window.runbookWords || {};
  const filled = (text, values) => values.reduce((all, value) => all.replace("%s", () => value), text);
  const _ = (text, ...values) => filled(words[text] || text, values);
  const ngettext = (one, many, number, ...values) => filled((words[one] || [one, many])[words[one] ? plural(number) : Number(number !== 1)], values);

  // State kept in local storage, or until the page is closed if the browser does not allow it.
  // `own` holds the reader's own values.
  const store = {
    read() {
      try {
        memory = JSON.parse(localStorage.getItem(key)) || memory;
      } catch { /* local storage is not available */ }
      return { done: {}, own: {}, tabs: {}, ...memory };
    },
    change(change) {
      memory = this.read();
      change(memory);
      try {
        localStorage.setItem(key, JSON.stringify(memory));
      } catch { /* local storage is not available */ }
      document.dispatchEvent(new CustomEvent("runbook:changed"));
    },
  };

  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };

  const status = make("div", { role: "status", class: "runbook-hidden" });
  const say = (words) => {
    status.textContent = "";
    requestAnimationFrame(() => { status.textContent = words; });
  };
  window.runbook = { store, make, say, _, ngettext };

  // Only shell commands: no prompts, no output, no answers.
  const commands = (pre) => [...pre.querySelectorAll(".runbook-line")]
    .map((line) => [...line.querySelectorAll(".runbook-command")])
    .filter((found) => found.length)
    .map((found) => found.map((one) => one.textContent).join(""))
    .join("\n");
  const textOf = (block) => block.matches(".runbook-console")
    ? commands(block.querySelector("pre"))
    : block.querySelector("pre").textContent.replace(/\n?$/, "\n");

  const copy = async (text) => {
    if (navigator.clipboard && isSecureContext) return navigator.clipboard.writeText(text);
    const area = make("textarea", { class: "runbook-hidden" });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (!done) throw new Error("nothing was copied");
    return undefined;
  };

  // What the reader has to fill in after pasting: secrets, which no page knows.
  const places = (block) => [...block.querySelectorAll(".runbook-fill")]
    .filter((one) => block.matches(".runbook-file") || one.closest(".runbook-command"))
    .map((one) => one.textContent)
    .join(", ");

  const copyButton = (block, what) => {
    const button = make("button", { type: "button", class: "runbook-button runbook-copy", "aria-label": _("Copy %s", what) }, _("Copy"));
    button.addEventListener("click", async () => {
      try {
        await copy(textOf(block));
        const open = places(block);
        button.textContent = open ? _("Fill it in") : _("Copied");
        say(open ? _("Copied %s; put your own values in the place of %s", what, open) : _("Copied %s", what));
      } catch {
        button.textContent = _("Select it");
        getSelection().selectAllChildren(block.querySelector("pre"));
        say(_("The browser does not let this page copy; the text is selected"));
      }
      setTimeout(() => { button.textContent = _("Copy"); }, 2000);
    });
    return button;
  };

  const downloadButton = (block) => {
    const name = block.dataset.download;
    const button = make("button", { type: "button", class: "runbook-button", "aria-label": _("Download %s", name) }, _("Download"));
    button.addEventListener("click", () => {
      const url = URL.createObjectURL(new Blob([textOf(block)], { type: "text/plain" }));
      make("a", { href: url, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(url), 1000);
      say(_("Downloaded %s", name));
    });
    return button;
  };

  const blocks = () => {
    for (const block of document.querySelectorAll(".runbook-console")) {
      block.prepend(make("div", { class: "runbook-actions" }, copyButton(block, _("the commands"))));
    }
    for (const block of document.querySelectorAll(".runbook-file")) {
      const path = block.querySelector(".runbook-file-path").textContent;
      const actions = make("div", { class: "runbook-actions" }, copyButton(block, path));
      if ("download" in block.dataset) actions.append(downloadButton(block));
      block.querySelector(".runbook-file-head").append(actions);
    }
  };

  // Elements that scroll need to be reachable by keyboard.
  const reachable = () => {
    for (const wide of document.querySelectorAll("div.highlight > pre, div.table-wrapper, .runbook-answers, .runbook-scroll, .runbook-file pre")) {
      if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0;
      else wide.removeAttribute("tabindex");
    }
  };

  // Tabs as in the ARIA Authoring Practices Guide; the selected tab is remembered on all pages.
  const keysOf = (panel) => panel.dataset.keys.split(" ");
  const group = (box, number) => {
    const panels = [...box.querySelectorAll(":scope > .runbook-tab")];
    const name = box.dataset.tabs;
    const list = make("div", { role: "tablist", class: "runbook-tablist", "aria-label": name === "platform" ? _("Your system") : _("Your %s", name) });
    const tabs = panels.map((panel, index) => {
      const id = `runbook-tab-${number}-${index}`;
      panel.id = panel.id || `${id}-panel`;
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", id);
      return make("button", { type: "button", role: "tab", id, "aria-controls": panel.id }, panel.dataset.label);
    });
    const show = (chosen) => tabs.forEach((tab, index) => {
      tab.setAttribute("aria-selected", String(index === chosen));
      tab.tabIndex = index === chosen ? 0 : -1;
      panels[index].hidden = index !== chosen;
    });
    const choose = (index) => {
      show(index);
      store.change((state) => { state.tabs = { ...state.tabs, [name]: keysOf(panels[index])[0] }; });
    };
    const remembered = () => {
      const index = panels.findIndex((panel) => keysOf(panel).includes(store.read().tabs[name]));
      if (index >= 0) show(index);
    };
    tabs.forEach((tab, index) => {
      tab.addEventListener("click", () => choose(index));
      tab.addEventListener("keydown", (event) => {
        const to = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: tabs.length - 1 }[event.key];
        if (to === undefined) return;
        event.preventDefault();
        const next = (to + tabs.length) % tabs.length;
        choose(next);
        tabs[next].focus();
      });
    });
    list.append(...tabs);
    box.prepend(list);
    box.classList.add("runbook-tabs-on");
    show(0);
    remembered();
    document.addEventListener("runbook:changed", remembered);
    // Show the alternative that contains the target of a link.
    const linked = () => {
      const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      const index = panels.findIndex((panel) => target && panel.contains(target));
      if (index >= 0) {
        show(index);
        target.scrollIntoView();
      }
    };
    linked();
    addEventListener("hashchange", linked);
  };

  // Recordings are loaded as scripts, which also works for pages opened from disk.
  const waiting = new Map();
  window.runbookRecording = (name, text) => waiting.get(name)?.(text);
  const load = (tag, attributes) => new Promise((resolve, reject) => {
    const element = make(tag, attributes);
    element.addEventListener("load", resolve);
    element.addEventListener("error", () => reject(new Error(`cannot load ${attributes.src || attributes.href}`)));
    document.head.append(element);
  });
  // A short recording needs fewer rows, unless a program moves the cursor.
  const height = (cast) => {
    const lines = cast.split("\\n").length + 1;
    return lines < 24 && !/\\u001b\[[\d;]*[ABHJf]/.test(cast) ? { rows: Math.max(lines, 4) } : {};
  };
  let player = null;
  const recording = (place) => {
    const source = place.dataset.cast;
    const button = make("button", { type: "button", class: "runbook-button", "aria-label": _("Play the recording of %s", place.dataset.host) }, _("Play the recording"));
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        player = player || Promise.all([
          load("link", { rel: "stylesheet", href: `${place.dataset.player}.css` }),
          load("script", { src: `${place.dataset.player}.min.js` }),
        ]);
        const text = new Promise((resolve) => {
          waiting.set(source.slice(source.indexOf("_recordings/") + "_recordings/".length), resolve);
        });
        await Promise.all([player, load("script", { src: `${source}.js` })]);
        const cast = await text;
        const rows = height(cast);
        const box = make("div", { class: "runbook-player" });
        place.after(box);
        const terminal = window.AsciinemaPlayer.create({ data: cast }, box, { idleTimeLimit: 1, fit: "width", theme: "asciinema", ...rows });
        button.remove();
        terminal.play();
        box.querySelector("[tabindex]")?.focus();
      } catch (error) {
        player = null;
        button.disabled = false;
        say(_("The recording cannot be played: %s", error.message));
      }
    });
    place.prepend(button);
  };

  // Another language of the page: it opens at the same step, and is the reader's choice from now on.
  const here = () => {
    const top = [...document.querySelectorAll("article.runbook-step[id], section[id]")]
      .filter((one) => one.getClientRects().length && one.getBoundingClientRect().top < innerHeight / 3);
    return scrollY > 0 && top.length ? `#${top[top.length - 1].id}` : location.hash;
  };
  const languages = () => {
    for (const link of document.querySelectorAll(".runbook-languages a[data-language]")) {
      const address = link.getAttribute("href");
      const renew = () => { link.href = address + here(); };
      link.addEventListener("pointerdown", renew);
      link.addEventListener("click", () => {
        renew();
        try {
          localStorage.setItem("runbook:language", link.dataset.language);
        } catch { /* local storage is not available */ }
      });
    }
  };

  document.body.append(status);
  languages();
  blocks();
  reachable();
  addEventListener("resize", reachable);
  document.querySelectorAll(".runbook-tabs").forEach(group);
  document.querySelectorAll(".runbook-recording").forEach(recording);
})();
