// The connection to the server. After a loss it goes on where it was: nothing is missed or done twice.
import { keep, kept } from "./elements.js";

const SOONEST = 200;
const LATEST = 5000;
const OLDEST_WISH = 60_000;

// Identifies this tab also after a reload: whoever acts goes on acting.
const client = kept("client") || crypto.randomUUID();
keep("client", client);

export class Connection extends EventTarget {
  #socket = null;
  #feed = "";
  #seen = 0;
  #pause = SOONEST;
  #told = 0;
  #waiting = new Map();

  constructor(steps) {
    super();
    this.steps = steps;
    this.values = new Map();
    // How far each terminal has been shown; a reloaded page has shown nothing.
    this.positions = {};
    this.state = "connecting";
    this.role = "view";
    this.you = "";
    // Wishes of the page before its reload that were not answered: they are repeated with their own id.
    for (const message of kept("wishes") || []) {
      if (Date.now() - message.at < OLDEST_WISH) this.#waiting.set(message.id, { message, settle: () => {} });
    }
  }

  get(name) {
    return this.values.get(name) ?? null;
  }

  open() {
    const socket = new WebSocket(`ws://${location.host}/_runbook/socket`);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.addEventListener("open", () => this.#send({
      type: "hello", client, feed: this.#feed, seen: this.#seen, terminals: this.positions, steps: this.steps,
    }));
    socket.addEventListener("message", (event) => this.#receive(event.data));
    socket.addEventListener("close", (event) => this.#lost(socket, event));
  }

  // Ask for something to be done; the promise is what came of it: {ok, said}.
  wish(verb, given = {}, { secret = false } = {}) {
    const message = { ...given, type: "wish", id: crypto.randomUUID(), verb, at: Date.now() };
    return new Promise((settle) => {
      this.#waiting.set(message.id, { message, settle, secret });
      this.#keepWishes();
      this.#send(message);
    });
  }

  // Note that a terminal has been shown up to a position; only then more comes.
  shown(terminal, position) {
    this.positions[terminal] = position;
    if (this.#told) return;
    this.#told = setTimeout(() => {
      this.#told = 0;
      this.#send({ type: "seen", terminals: this.positions });
    }, 20);
  }

  #send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  // What was typed as a secret is kept nowhere, so it does not survive a reload.
  #keepWishes() {
    keep("wishes", [...this.#waiting.values()].filter((one) => !one.secret).map((one) => one.message));
  }

  #receive(data) {
    if (typeof data !== "string") {
      const view = new DataView(data);
      const length = view.getUint16(8);
      this.dispatchEvent(new CustomEvent("output", { detail: {
        at: Number(view.getBigUint64(0)),
        terminal: new TextDecoder().decode(new Uint8Array(data, 10, length)),
        data: new Uint8Array(data, 10 + length),
      } }));
      return;
    }
    const message = JSON.parse(data);
    if (message.type === "welcome") this.#welcome(message);
    else if (message.type === "values") this.#change(message);
    else if (message.type === "answer") this.#answered(message);
  }

  #welcome({ feed, role, you, seen }) {
    if (feed !== this.#feed) {
      // Another server: what is known of the one before counts for nothing.
      const names = [...this.values.keys()];
      this.values.clear();
      for (const name of Object.keys(this.positions)) this.positions[name] = 0;
      if (this.#feed) this.dispatchEvent(new CustomEvent("renewed"));
      this.#tell(names);
    }
    this.#feed = feed;
    this.#seen = seen;
    this.#pause = SOONEST;
    Object.assign(this, { role, you });
    this.#become("connected");
    for (const { message } of this.#waiting.values()) this.#send(message);
  }

  #change({ seen, set }) {
    this.#seen = seen;
    for (const [name, value] of Object.entries(set)) {
      if (value === null) this.values.delete(name);
      else this.values.set(name, value);
    }
    this.#tell(Object.keys(set));
  }

  #answered({ id, ok, said }) {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    this.#waiting.delete(id);
    this.#keepWishes();
    waiting.settle({ ok, said });
  }

  #tell(names) {
    this.dispatchEvent(new CustomEvent("change", { detail: names }));
  }

  #lost(socket, event) {
    if (socket !== this.#socket) return;
    // 1008 is a refusal: another try would be refused as well.
    this.#become(event.code === 1008 ? "refused" : "lost");
    if (event.code === 1008) return;
    setTimeout(() => this.open(), this.#pause * (0.5 + Math.random()));
    this.#pause = Math.min(this.#pause * 2, LATEST);
  }

  #become(state) {
    this.state = state;
    this.dispatchEvent(new CustomEvent("state"));
  }
}
