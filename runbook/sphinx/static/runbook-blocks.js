// Blocks of a page: copying, downloading, tabs, and recordings. Without it all is shown as it is.
"use strict";

(() => {
  const root = new URL(document.documentElement.dataset.content_root || ".", location.href);
  const key = `runbook:${root.pathname}`;
  let memory = {};

  // What this browser remembers of this guide; where it may not, only until the page is left.
  const store = {
    read() {
      try {
        memory = JSON.parse(localStorage.getItem(key)) || memory;
      } catch { /* what is remembered for this page only */ }
      return { done: {}, own: {}, tabs: {}, ...memory };
    },
    change(change) {
      memory = this.read();
      change(memory);
      try {
        localStorage.setItem(key, JSON.stringify(memory));
      } catch { /* likewise */ }
      document.dispatchEvent(new CustomEvent("runbook:changed"));
    },
  };

  const make = (tag, about = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(about)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  };

  const status = make("div", { role: "status", class: "runbook-hidden" });
  const say = (words) => {
    status.textContent = "";
    requestAnimationFrame(() => { status.textContent = words; });
  };
  window.runbook = { store, make, say };

  // Only what is typed at the shell: no prompts, no output, no answers to a program.
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

  const copyButton = (block, what) => {
    const button = make("button", { type: "button", class: "runbook-button runbook-copy", "aria-label": `Copy ${what}` }, "Copy");
    button.addEventListener("click", async () => {
      try {
        await copy(textOf(block));
        button.textContent = "Copied";
        say(`Copied ${what}`);
      } catch {
        button.textContent = "Select it";
        getSelection().selectAllChildren(block.querySelector("pre"));
        say("The browser does not let this page copy; the text is selected");
      }
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
    return button;
  };

  const downloadButton = (block) => {
    const name = block.dataset.download;
    const button = make("button", { type: "button", class: "runbook-button", "aria-label": `Download ${name}` }, "Download");
    button.addEventListener("click", () => {
      const url = URL.createObjectURL(new Blob([textOf(block)], { type: "text/plain" }));
      make("a", { href: url, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(url), 1000);
      say(`Downloaded ${name}`);
    });
    return button;
  };

  const blocks = () => {
    for (const block of document.querySelectorAll(".runbook-console")) {
      block.prepend(make("div", { class: "runbook-actions" }, copyButton(block, "the commands")));
    }
    for (const block of document.querySelectorAll(".runbook-file")) {
      const path = block.querySelector(".runbook-file-path").textContent;
      const actions = make("div", { class: "runbook-actions" }, copyButton(block, path));
      if ("download" in block.dataset) actions.append(downloadButton(block));
      block.querySelector(".runbook-file-head").append(actions);
    }
  };

  // What is wider than the window is moved by keyboard as well.
  const reachable = () => {
    for (const wide of document.querySelectorAll("div.highlight > pre, div.table-wrapper, .runbook-answers, .runbook-file pre")) {
      if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0;
      else wide.removeAttribute("tabindex");
    }
  };

  // Tabs, as the ARIA Authoring Practices describe them; the choice holds on all pages.
  const keysOf = (panel) => panel.dataset.keys.split(" ");
  const group = (box, number) => {
    const panels = [...box.querySelectorAll(":scope > .runbook-tab")];
    const name = box.dataset.tabs;
    const list = make("div", { role: "tablist", class: "runbook-tablist", "aria-label": name === "platform" ? "Your system" : `Your ${name}` });
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
      store.change((kept) => { kept.tabs = { ...kept.tabs, [name]: keysOf(panels[index])[0] }; });
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
    // Whoever follows a link into an alternative wants to see it.
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

  // Recordings are scripts, so that a page that was opened from a disk can play them too.
  const waiting = new Map();
  window.runbookRecording = (name, text) => waiting.get(name)?.(text);
  const load = (tag, about) => new Promise((resolve, reject) => {
    const made = make(tag, about);
    made.addEventListener("load", resolve);
    made.addEventListener("error", () => reject(new Error(`cannot load ${about.src || about.href}`)));
    document.head.append(made);
  });
  // A short recording needs no tall terminal, unless a program places its text on the screen.
  const height = (cast) => {
    const lines = cast.split("\\n").length + 1;
    return lines < 24 && !/\\u001b\[[\d;]*[ABHJf]/.test(cast) ? { rows: Math.max(lines, 4) } : {};
  };
  let player = null;
  const recording = (place) => {
    const source = place.dataset.cast;
    const button = make("button", { type: "button", class: "runbook-button", "aria-label": `Play the recording of ${place.dataset.host}` }, "Play the recording");
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
        const made = window.AsciinemaPlayer.create({ data: cast }, box, { idleTimeLimit: 1, fit: "width", theme: "asciinema", ...rows });
        button.remove();
        made.play();
        box.querySelector("[tabindex]")?.focus();
      } catch (error) {
        player = null;
        button.disabled = false;
        say(`The recording cannot be played: ${error.message}`);
      }
    });
    place.prepend(button);
  };

  document.body.append(status);
  blocks();
  reachable();
  addEventListener("resize", reachable);
  document.querySelectorAll(".runbook-tabs").forEach(group);
  document.querySelectorAll(".runbook-recording").forEach(recording);
})();
