// The bar at the foot of a page: whether what it shows is live, the hosts, and the terminals.
import { badge, button, make, say, time } from "./elements.js";

const CONNECTION = {
  connecting: ["connecting", "none"],
  connected: ["live", "proven"],
  lost: ["connection lost; trying again", "stale"],
  refused: ["the server refuses this page; open its address again", "failing"],
};

export class Bar {
  constructor(connection, terminals) {
    this.connection = connection;
    this.state = badge("connecting", "none");
    this.hosts = make("span", { class: "runbook-badges" });
    this.when = make("span", { class: "runbook-live-when" });
    this.again = button("Look again", () => {
      say("All checks are evaluated again");
      connection.wish("look");
    });
    this.toggle = button("Terminals", () => {
      terminals.element.hidden = !terminals.element.hidden;
      this.toggle.setAttribute("aria-expanded", String(!terminals.element.hidden));
    }, { "aria-expanded": "false", hidden: true });
    terminals.element.addEventListener("first", () => { this.toggle.hidden = false; });
    this.row = make("div", { class: "runbook-bar-row" }, this.state, this.hosts, this.when, this.again, this.toggle);
    this.element = make("aside", { class: "runbook-bar", "aria-label": "Live state" }, terminals.element, this.row);
    connection.addEventListener("state", () => this.#connection());
    connection.addEventListener("change", (event) => this.#change(event.detail));
  }

  #connection() {
    const [word, kind] = CONNECTION[this.connection.state];
    this.state.replaceWith(this.state = badge(word, kind, { "data-connection": this.connection.state }));
    if (this.connection.state !== "connected") say(word);
  }

  #change(names) {
    if (names.some((name) => name === "guide" || name.startsWith("host/"))) this.#hosts();
    const left = this.connection.get("left");
    const evaluated = this.connection.get("evaluated");
    this.when.textContent = left ? `${left} to look at` : evaluated ? `as of ${time(evaluated)}` : "";
  }

  #hosts() {
    const names = this.connection.get("guide")?.hosts || [];
    this.hosts.replaceChildren(...names.flatMap((name) => {
      const host = this.connection.get(`host/${name}`);
      return host && !host.reached ? [badge(`${name} cannot be reached`, "failing", { title: host.why })] : [];
    }));
  }
}
