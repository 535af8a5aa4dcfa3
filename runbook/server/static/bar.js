// The bar at the foot of a page: whether what it shows is live, the hosts, and the terminals.
import { badge, button, make, say, time } from "./elements.js";

const CONNECTION = {
  connecting: ["connecting", "none"],
  connected: ["live", "proven"],
  lost: ["connection lost; trying again", "stale"],
  refused: ["the server refuses this page; open its address again", "failing"],
};

export class Bar {
  constructor(connection, terminals, seat) {
    this.connection = connection;
    this.state = badge("connecting", "none");
    this.hosts = make("span", { class: "runbook-badges" });
    this.when = make("span", { class: "runbook-live-when" });
    this.again = button("Look again", () => {
      say("All checks are evaluated again");
      connection.wish("look");
    });
    this.job = make("span", { class: "runbook-bar-job" });
    this.toggle = button("Terminals", () => terminals.open(terminals.element.hidden), { "aria-expanded": String(!terminals.element.hidden), hidden: true });
    terminals.element.addEventListener("first", () => { this.toggle.hidden = false; });
    terminals.element.addEventListener("opened", () => this.toggle.setAttribute("aria-expanded", String(!terminals.element.hidden)));
    this.row = make("div", { class: "runbook-bar-row" }, this.state, this.hosts, this.when, this.again, this.job, this.toggle, seat.element);
    this.element = make("aside", { class: "runbook-bar", "aria-label": "Live state" }, terminals.element, seat.question, this.row);
    // What is at the end of the page, or focused, is never behind the bar.
    new ResizeObserver(() => {
      const height = `${this.element.offsetHeight + 16}px`;
      document.body.style.paddingBottom = height;
      document.documentElement.style.scrollPaddingBottom = height;
    }).observe(this.element);
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
    if (names.includes("job")) this.#job();
    const left = this.connection.get("left");
    const evaluated = this.connection.get("evaluated");
    this.when.textContent = left ? `${left} to look at` : evaluated ? `as of ${time(evaluated)}` : "";
  }

  #job() {
    const job = this.connection.get("job");
    const about = job && this.connection.get("guide").steps[job.step];
    this.job.replaceChildren(...(job ? [`${job.who}: ${job.kind} `, make("a", { href: about?.address || "" }, about?.title || job.step)] : []));
  }

  #hosts() {
    const names = this.connection.get("guide")?.hosts || [];
    this.hosts.replaceChildren(...names.flatMap((name) => {
      const host = this.connection.get(`host/${name}`);
      return host && !host.reached ? [badge(`${name} cannot be reached`, "failing", { title: host.why })] : [];
    }));
  }
}
