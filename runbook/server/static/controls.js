// The buttons of a step, for the one who acts. What they wish is recorded with their name.
import { askHosts, askValue, askWhy, showStep } from "./dialogs.js";
import { button, make, say } from "./elements.js";

export class Controls {
  #cards = new Map();

  constructor(connection, terminals, cards) {
    this.connection = connection;
    this.terminals = terminals;
    for (const card of cards) this.#cards.set(card.dataset.step, this.#make(card));
    connection.addEventListener("change", () => this.#draw());
    connection.addEventListener("state", () => this.#draw());
  }

  get mine() {
    const seat = this.connection.get("seat");
    return this.connection.state === "connected" && Boolean(seat) && seat.badge === this.connection.you;
  }

  #make(card) {
    const step = card.dataset.step;
    const title = card.querySelector(".runbook-step-title > span:nth-of-type(2)")?.textContent || step;
    const where = make("select", { "aria-label": `Hosts for ${title}` });
    const named = (text, act) => button(text, act, { "aria-label": `${text}: ${title}` });
    const run = named("Run", () => this.#run(step, where.value));
    const view = named("What it will do", () => this.#view(step, title));
    const check = named("Check", () => this.#wish("check", { step, hosts: this.#hosts(where.value) }));
    const more = [
      named("Done by hand", () => this.#why("by-hand", step, where.value, "Done by hand", "Its checks must hold. Say what you did.")),
      named("Skip", () => this.#why("skip", step, where.value, "Skip", "Say why it is left out.")),
      named("Note", () => this.#note(step)),
      named("Edit a value", () => this.#edit(step)),
    ];
    const undo = named("Undo", () => this.#undo(step));
    const stop = button("Interrupt", () => this.#wish("interrupt", {}), { hidden: true });
    const group = make("div", { class: "runbook-controls", role: "group", "aria-label": `Act on ${title}`, hidden: true },
      make("label", {}, "on ", where), run, check, view,
      make("details", { class: "runbook-more" }, make("summary", {}, "More"), ...more, undo), stop);
    const said = make("div", { class: "runbook-said" });
    card.querySelector(".runbook-live").after(group, said);
    return { step, title, group, where, run, acts: [run, check, ...more, undo], undo, stop, said };
  }

  #draw() {
    const job = this.connection.get("job");
    const last = this.connection.get("last");
    for (const one of this.#cards.values()) {
      const position = this.connection.get(`position/${one.step}`);
      one.group.hidden = !this.mine || !position;
      this.#said(one, job, last);
      if (one.group.hidden) continue;
      const names = position.hosts.map(({ host }) => host);
      if (one.where.dataset.names !== names.join(" ")) {
        one.where.dataset.names = names.join(" ");
        one.where.replaceChildren(make("option", { value: "" }, "where it is left"), ...names.map((name) => make("option", { value: name }, `${name} only`)));
      }
      one.where.parentElement.hidden = names.length < 2;
      const busy = Boolean(job);
      // Not `disabled`: who uses the keyboard would lose their place.
      for (const control of one.acts) control.setAttribute("aria-disabled", String(busy));
      one.run.title = position.first ? `First comes ${position.first}` : "";
      one.undo.hidden = !position.undone;
      one.stop.hidden = job?.step !== one.step;
    }
  }

  #said(one, job, last) {
    const running = job?.step === one.step;
    const shown = running ? job : last?.step === one.step ? last : null;
    const key = JSON.stringify(shown);
    if (one.key === key) return;
    one.key = key;
    if (!shown) one.said.replaceChildren();
    else if (running) {
      const doing = Object.entries(job.doing).map(([host, what]) => `${host}: ${what}`).join("; ");
      one.said.replaceChildren(make("p", { "data-job": "running" }, `${job.who}: ${job.kind}. ${doing || "It begins."}`));
    } else {
      one.said.replaceChildren(make("p", { "data-job": last.good ? "good" : "bad" }, `${last.who}: ${last.kind}. ${last.said}`));
      if (this.mine) say(`${one.title}: ${last.said}`);
    }
  }

  #hosts(host) {
    return host ? [host] : [];
  }

  // Wish something, and show why it was refused.
  async #wish(verb, given, how) {
    const { ok, said } = await this.connection.wish(verb, given, how);
    if (ok) return said ?? {};
    const one = this.#cards.get(given.step);
    if (one) one.said.replaceChildren(make("p", { "data-job": "refused" }, said));
    say(said);
    return null;
  }

  async #run(step, host, more = {}) {
    if (this.connection.get("job")) {
      say("A step is running");
      return;
    }
    const hosts = this.#hosts(host);
    const said = await this.#wish("run", { step, hosts, ...more });
    if (!said) return;
    if (said.confirm) {
      const typed = await askHosts(said.confirm);
      if (typed !== null) await this.#run(step, host, { typed });
    } else if (said.secrets) {
      for (const name of said.secrets) {
        const value = await this.terminals.ask(host || this.connection.get(`position/${step}`).hosts[0].host, `The secret ${name}: `, true);
        if (value === null || await this.#wish("secret", { step, name, value }, { secret: true }) === null) return;
      }
      await this.#run(step, host, more);
    } else this.terminals.follow(host || this.connection.get(`position/${step}`).hosts[0].host);
  }

  async #view(step, title) {
    const view = await this.#wish("view", { step });
    const first = this.connection.get(`position/${step}`)?.first;
    if (view) await showStep(title, view, first && `First comes ${first}.`);
  }

  async #why(verb, step, host, title, hint) {
    const why = await askWhy(title, hint);
    if (why !== null) await this.#wish(verb, { step, why, hosts: this.#hosts(host) });
  }

  async #note(step) {
    const text = await askWhy("Note", "It stands in the record of this change.");
    if (text !== null && await this.#wish("note", { step, text })) say("It is noted");
  }

  async #edit(step) {
    const view = await this.#wish("view", { step });
    if (!view) return;
    if (!view.values.length) {
      say("This step has no value to edit");
      return;
    }
    const edited = await askValue(view.values);
    if (edited) await this.#wish("edit", { step, ...edited });
  }

  // The undo steps of the chapter, one after the other: each is a step of its own, with its card.
  async #undo(step) {
    const view = await this.#wish("view", { step });
    if (!view) return;
    const one = this.#cards.get(step);
    if (!view.undo || view.undo.refused) {
      const why = view.undo ? view.undo.refused : "the guide does not say how to undo this";
      one.said.replaceChildren(make("p", { "data-job": "refused" }, why));
      say(why);
      return;
    }
    const [next] = view.undo.steps;
    const { address, title } = this.connection.get("guide").steps[next] || { address: "", title: next };
    const link = make("a", { href: address }, title);
    one.said.replaceChildren(make("p", {}, "This undoes the whole chapter: ", link, " ", button("Run it", () => this.#run(next, ""))));
    say(`The chapter is undone by ${title}`);
  }
}
