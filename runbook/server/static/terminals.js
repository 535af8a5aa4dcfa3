// What steps print, as on the terminal of whoever types them: one terminal for each host.
import { Terminal } from "./third-party/xterm/xterm.mjs";
import { button, make } from "./elements.js";

// As wide as the sessions' own terminals, so that every line breaks where it did there.
const SIZE = { cols: 132, rows: 24 };
const SCROLLBACK = 5000;

export class Terminals {
  #terminals = new Map();
  #shown = "";

  constructor(connection) {
    this.connection = connection;
    this.tabs = make("div", { role: "tablist", class: "runbook-tablist", "aria-label": "Terminals of the hosts" });
    this.panels = make("div", { class: "runbook-terminals" });
    this.element = make("section", { class: "runbook-terminal-panel", "aria-label": "Terminals", hidden: true }, this.tabs, this.panels);
    connection.addEventListener("output", (event) => this.#write(event.detail));
    connection.addEventListener("renewed", () => this.#terminals.forEach((one) => one.terminal.reset()));
  }

  get empty() {
    return !this.#terminals.size;
  }

  show(host) {
    if (!this.#terminals.has(host)) return;
    this.#shown = host;
    for (const [name, { tab, panel }] of this.#terminals) {
      tab.setAttribute("aria-selected", String(name === host));
      tab.tabIndex = name === host ? 0 : -1;
      panel.hidden = name !== host;
    }
  }

  #of(host) {
    const known = this.#terminals.get(host);
    if (known) return known;
    const id = `runbook-terminal-${this.#terminals.size}`;
    const tab = button(host, () => this.show(host), { class: "", role: "tab", id: `${id}-tab`, "aria-controls": id });
    tab.addEventListener("keydown", (event) => this.#turn(event));
    const panel = make("div", { role: "tabpanel", id, "aria-labelledby": `${id}-tab`, hidden: true });
    this.tabs.append(tab);
    this.panels.append(panel);
    const terminal = new Terminal({ ...SIZE, scrollback: SCROLLBACK, convertEol: false, disableStdin: true, fontSize: 13, screenReaderMode: true });
    // Nothing is typed here, so that the keys are the browser's: no trap for who uses only them.
    terminal.attachCustomKeyEventHandler(() => false);
    terminal.open(panel);
    const made = { terminal, tab, panel };
    this.#terminals.set(host, made);
    if (!this.#shown) this.show(host);
    this.element.dispatchEvent(new CustomEvent("first"));
    return made;
  }

  #write({ terminal: host, at, data }) {
    const { terminal } = this.#of(host);
    const before = this.connection.positions[host] ?? 0;
    const begun = (this.begun ||= {});
    if (at !== (begun[host] ?? before)) {
      // It printed more than anybody can read, and its beginning is gone.
      terminal.reset();
      terminal.write(`\x1b[2m[${at - (begun[host] ?? before)} bytes are left out]\x1b[0m\r\n`);
    }
    begun[host] = at + data.length;
    terminal.write(data, () => this.connection.shown(host, at + data.length));
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
