// Drift at a glance: on the page of what is proven, each step also shows how it stands now.
import { STATES } from "./cards.js";
import { badge, make } from "./elements.js";

export const markProven = (connection) => {
  const tables = [...document.querySelectorAll("table.runbook-proven")];
  if (!tables.length) return;
  const rows = new Map();
  const summary = make("p", { class: "runbook-live-summary" });
  const past = make("ul", {});
  const before = make("details", { class: "runbook-live-past", hidden: true }, make("summary", {}, "What runbook check found before"), past);
  (tables[0].closest(".runbook-scroll") || tables[0]).before(summary, before);
  for (const table of tables) {
    table.querySelector("thead tr")?.append(make("th", { class: "head", scope: "col" }, "now"));
    for (const row of table.querySelectorAll("tbody tr")) {
      const link = row.querySelector("a[href]");
      const cell = row.appendChild(make("td", {}));
      if (link) rows.set(new URL(link.href).pathname + decodeURIComponent(new URL(link.href).hash), cell);
    }
  }
  const draw = () => {
    const guide = connection.get("guide");
    if (!guide) return;
    const differing = new Map();
    let known = 0;
    for (const [id, { address, hosts }] of Object.entries(guide.steps)) {
      const by = new Map();
      for (const host of hosts) {
        const state = connection.get(`check/${host}/${id}`)?.state || "waiting";
        if (state === "unfit") continue;
        by.set(state, [...(by.get(state) || []), host]);
        known += state === "holds" || state === "differs";
        if (state === "differs") differing.set(host, (differing.get(host) || 0) + 1);
      }
      const cell = rows.get(address);
      if (!cell) continue;
      const text = JSON.stringify([...by]);
      if (cell.dataset.drawn === text) continue;
      cell.dataset.drawn = text;
      cell.replaceChildren(...[...by].map(([state, on]) => badge(`${STATES[state].sign} ${STATES[state].word} on ${on.join(", ")}`, STATES[state].kind, { "data-state": state })));
    }
    const drift = [...differing].map(([host, count]) => `${host} (${count})`).join(", ");
    summary.textContent = differing.size ? `Now not as the guide says: ${drift}.` : known ? "Everything that was looked at is as the guide says." : "";
  };
  const drawPast = () => {
    const history = connection.get("history") || [];
    before.hidden = !history.length;
    past.replaceChildren(...history.map(({ at, held, differ, unknown, unreached }) => {
      const hosts = Object.entries(differ).map(([host, count]) => `${host} (${count})`).join(", ");
      const words = [`${held} held`, hosts && `not as the guide says: ${hosts}`, unknown && `${unknown} unknown`, unreached.length && `not reached: ${unreached.join(", ")}`];
      return make("li", {}, `${new Date(at).toLocaleString()}: ${words.filter(Boolean).join("; ")}`);
    }));
  };
  connection.addEventListener("change", (event) => {
    draw();
    if (event.detail.includes("history")) drawPast();
  });
};
