// What steps print, as on the terminal of whoever types them: one terminal for each host.
import { Terminal } from "./third-party/xterm/xterm.mjs";
import { button, keep, kept, make } from "./elements.js";

// As wide as the sessions' own terminals, so that every line breaks where it did there.
const SIZE = { cols: 132, rows: 24 };
const SCROLLBACK = 5000;
const [ENTER, ERASE, INTERRUPT] = ["\r", "\x7f", "\x03"];

export class Terminals {
  #terminals = new Map();
  #shown = "";
  #leave = null;
  #before = null;

  constructor(connection) {
    this.connection = connection;
    this.tabs = make("div", { role: "tablist", class: "runbook-tablist", "aria-label": "Terminals of the hosts" });
    this.panels = make("div", { class: "runbook-terminals" });
    this.element = make("section", { class: "runbook-terminal-panel", "aria-label": "Terminals", hidden: true }, this.tabs, this.panels);
    // As it was before a reload.
    this.#before = kept("terminals") || { open: false, shown: "" };
    this.element.hidden = !this.#before.open;
    connection.addEventListener("output", (event) => this.#write(event.detail));
    connection.addEventListener("renewed", () => this.#terminals.forEach((one) => {
      one.at = 0;
      one.terminal.reset();
    }));
  }

  open(wanted = true) {
    this.element.hidden = !wanted;
    this.#keep();
    this.element.dispatchEvent(new CustomEvent("opened"));
  }

  // Show what a host prints, from now on.
  follow(host) {
    this.open();
    this.#of(host);
    this.show(host);
  }

  show(host) {
    if (!this.#terminals.has(host)) return;
    this.#shown = host;
    for (const [name, { tab, panel }] of this.#terminals) {
      tab.setAttribute("aria-selected", String(name === host));
      tab.tabIndex = name === host ? 0 : -1;
      panel.hidden = name !== host;
    }
    this.#keep();
  }

  #keep() {
    keep("terminals", { open: !this.element.hidden, shown: this.#shown });
  }

  // Ask something on the terminal of a host; the promise is the line that was typed, null if it was
  // left with Ctrl-C or by `leave`. A secret is not shown. What is typed is kept nowhere.
  ask(host, question, secret = false) {
    this.leave();
    this.follow(host);
    const { terminal } = this.#terminals.get(host);
    let line = "";
    return new Promise((settle) => {
      terminal.options.disableStdin = false;
      terminal.write(question);
      terminal.focus();
      const end = (text) => {
        typing.dispose();
        terminal.options.disableStdin = true;
        terminal.write("\r\n");
        this.#leave = null;
        line = "";
        settle(text);
      };
      const typing = terminal.onData((data) => {
        for (const key of data) {
          if (key === ENTER) return end(line);
          if (key === INTERRUPT) return end(null);
          if (key === ERASE) {
            if (line && !secret) terminal.write("\b \b");
            line = line.slice(0, -1);
          } else if (key >= " ") {
            line += key;
            if (!secret) terminal.write(key);
          }
        }
        return undefined;
      });
      this.#leave = () => end(null);
    });
  }

  leave() {
    this.#leave?.();
  }

  #of(host) {
    const known = this.#terminals.get(host);
    if (known) return known;
    const id = `runbook-terminal-${this.#terminals.size}`;
    const tab = button(host, () => this.show(host), { class: "", role: "tab", id: `${id}-tab`, "aria-controls": id });
    tab.addEventListener("keydown", (event) => this.#turn(event));
    const panel = make("div", { role: "tabpanel", id, "aria-labelledby": `${id}-tab`, "data-host": host, hidden: true });
    this.tabs.append(tab);
    this.panels.append(panel);
    const terminal = new Terminal({ ...SIZE, scrollback: SCROLLBACK, disableStdin: true, fontSize: 13, screenReaderMode: true });
    // Tab stays the browser's, so that nobody who uses only the keyboard is caught here.
    terminal.attachCustomKeyEventHandler((event) => event.key !== "Tab" && !terminal.options.disableStdin);
    terminal.open(panel);
    const made = { terminal, tab, panel, at: this.connection.positions[host] ?? 0 };
    this.#terminals.set(host, made);
    if (!this.#shown || host === this.#before.shown) this.show(host);
    this.element.dispatchEvent(new CustomEvent("first"));
    return made;
  }

  #write({ terminal: host, at, data }) {
    const one = this.#of(host);
    if (at !== one.at) {
      // It printed more than this page could show, and the beginning of that is gone.
      one.terminal.reset();
      one.terminal.write(`\x1b[2m[${at - one.at} bytes are left out]\x1b[0m\r\n`);
    }
    one.at = at + data.length;
    one.terminal.write(data, () => this.connection.shown(host, at + data.length));
  }

  #turn(event) {
    const names = [...this.#terminals.keys()];
    const to = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.show(names[(names.indexOf(this.#shown) + to + names.length) % names.length]);
    this.#terminals.get(this.#shown).tab.focus();
  }
}
