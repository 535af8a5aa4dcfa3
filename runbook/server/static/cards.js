// The live state of each step, on its card.
import { badge, make } from "./elements.js";

export const STATES = {
  holds: { kind: "proven", word: "holds", sign: "\u2713" },
  differs: { kind: "failing", word: "does not hold", sign: "\u2717" },
  unknown: { kind: "stale", word: "unknown", sign: "?" },
  past: { kind: "none", word: "ended by a later step", sign: "\u2013" },
  none: { kind: "none", word: "no check", sign: "\u2013" },
  waiting: { kind: "none", word: "not looked at yet", sign: "\u2026" },
};

export class Cards {
  #lives = new Map();

  constructor(connection, cards) {
    this.connection = connection;
    for (const card of cards) {
      const live = make("div", { class: "runbook-live", role: "group", "aria-label": "State on the hosts now" });
      card.querySelector(".runbook-step-head").after(live);
      this.#lives.set(card.dataset.step, { live, card, drawn: "" });
    }
    connection.addEventListener("change", (event) => this.#change(event.detail));
  }

  #change(names) {
    const changed = new Set();
    for (const name of names) {
      if (name === "guide") this.#lives.forEach((_, step) => changed.add(step));
      const found = /^check\/[^/]+\/(.*)$/s.exec(name);
      if (found) changed.add(found[1]);
      if (name.startsWith("position/")) changed.add(name.slice("position/".length));
    }
    for (const step of changed) if (this.#lives.has(step)) this.#draw(step);
    this.#tick([...changed].filter((step) => this.#lives.has(step) && this.connection.get(`position/${step}`)?.settled));
  }

  // The page's own ticks follow what was done; nothing is unticked, for a reader may know better.
  #tick(steps) {
    const store = window.runbook?.store;
    const fresh = store ? steps.filter((step) => !(step in store.read().done)) : [];
    if (fresh.length) store.change((state) => { state.done = { ...state.done, ...Object.fromEntries(fresh.map((step) => [step, new Date().toISOString()])) }; });
  }

  #draw(step) {
    const place = this.#lives.get(step);
    const known = this.connection.get("guide")?.steps[step];
    if (!known) {
      place.live.replaceChildren();
      return;
    }
    const far = new Map((this.connection.get(`position/${step}`)?.hosts || []).map((one) => [one.host, one]));
    const states = known.hosts
      .map((host) => ({ host, far: far.get(host), ...(this.connection.get(`check/${host}/${step}`) || { state: "waiting", checks: [] }) }))
      .filter(({ state }) => state !== "unfit");
    // Written anew only if it is another, so that what is open or focused stays so.
    const text = JSON.stringify(states);
    if (text === place.drawn) return;
    place.drawn = text;
    const open = place.live.querySelector("details")?.open;
    const focused = place.live.querySelector("summary") === document.activeElement;
    const badges = states.map(({ host, state, far: at }) => badge(
      `${STATES[state].sign} ${host}: ${STATES[state].word}${at && at.state !== "untouched" ? `, ${at.state}` : ""}`,
      STATES[state].kind,
      { "data-host": host, "data-state": state, "data-far": at?.state, title: at?.who && `${at.who}, ${at.at} ${at.why}` },
    ));
    if (!states.length) badges.push(badge("for no host of this lab", "none"));
    const row = make("div", { class: "runbook-live-hosts" }, ...badges);
    place.live.replaceChildren(row, ...this.#details(states, open));
    if (focused) place.live.querySelector("summary")?.focus();
  }

  #details(states, open) {
    const shown = states.filter(({ checks, why }) => checks.length || why);
    if (!shown.length) return [];
    const lines = shown.flatMap(({ host, checks, why }) => [
      ...(why ? [make("li", {}, `${host}: ${why}`)] : []),
      ...checks.map(({ sentence, at, state, detail }) => make("li", { "data-state": state },
        `${STATES[state].sign} ${host}: ${sentence} \u2013 ${STATES[state].word} `,
        make("span", { class: "runbook-live-at" }, at),
        detail ? make("pre", { tabindex: "0" }, detail) : null)),
    ]);
    return [make("details", { open: Boolean(open) }, make("summary", {}, "What the checks found"), make("ul", {}, ...lines))];
  }
}
