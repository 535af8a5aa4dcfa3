// Who acts, and what they are asked: one at a time, whoever looks.
import { askName } from "./dialogs.js";
import { button, make, say } from "./elements.js";

export class Seat {
  #asked = "";

  constructor(connection, terminals) {
    this.connection = connection;
    this.terminals = terminals;
    this.element = make("span", { class: "runbook-seat" });
    this.question = make("div", { class: "runbook-question-bar", role: "group", "aria-label": "A question for you", hidden: true });
    connection.addEventListener("change", () => this.#draw());
    connection.addEventListener("state", () => this.#draw());
  }

  get mine() {
    return this.connection.get("seat")?.badge === this.connection.you && this.connection.you !== "";
  }

  #draw() {
    const seat = this.connection.get("seat");
    const may = this.connection.get("guide")?.acting && this.connection.role === "act";
    const key = JSON.stringify([seat, may, this.connection.you]);
    if (key !== this.element.dataset.key) {
      const focused = this.element.contains(document.activeElement);
      this.element.dataset.key = key;
      this.element.replaceChildren(...this.#words(seat, may));
      if (focused) this.element.querySelector("button")?.focus();
    }
    this.#ask();
  }

  #words(seat, may) {
    if (this.mine) return [`You act as ${seat.name}. `, button("Stop acting", () => this.connection.wish("leave"))];
    const who = seat ? `${seat.name} acts. ` : may ? "" : "You look. ";
    return [who, ...(may ? [button(seat ? "Take over" : "Act here", () => this.#take(seat))] : [])];
  }

  async #take(seat) {
    let name = localStorage.getItem("runbook-serve:name") || this.connection.get("guide").who;
    name = await askName(name, seat?.name);
    if (name === null) return;
    localStorage.setItem("runbook-serve:name", name);
    const { ok, said } = await this.connection.wish("take", { name, over: Boolean(seat) });
    say(ok ? `You act as ${name}` : said);
  }

  // A manual task of a step that runs: answered in the terminal, or by the buttons.
  #ask() {
    const asked = this.mine ? this.connection.get("question") : null;
    if ((asked?.id || "") === this.#asked) return;
    this.#asked = asked?.id || "";
    this.question.hidden = !asked;
    this.terminals.leave();
    if (!asked) {
      this.question.replaceChildren();
      return;
    }
    const answer = (done) => this.connection.wish("answer", { question: asked.id, done });
    this.question.replaceChildren(make("p", {}, `${asked.host}: ${asked.text} Is it done?`), button("It is done", () => answer(true)), button("It is not done", () => answer(false)));
    say(`A task for you: ${asked.text}`);
    this.terminals.ask(asked.host, `\r\n${asked.text}\r\nIs it done? [y/N]: `).then((text) => {
      if (text !== null && this.#asked === asked.id) answer(/^y(es)?$/i.test(text.trim()));
    });
  }
}
