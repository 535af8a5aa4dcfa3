// Questions of the page itself: what must be typed, or said, before something is done.
import { button, make } from "./elements.js";

// Show a dialog with `content`; the promise is the text of `field`, or null if it was left.
const ask = (title, content, field, yes, no = true) => new Promise((settle) => {
  const id = `runbook-dialog-${crypto.randomUUID()}`;
  const form = make("form", { method: "dialog" },
    make("h2", { id, class: "runbook-dialog-head" }, title), ...content,
    make("div", { class: "runbook-dialog-buttons" },
      make("button", { class: "runbook-button", value: "yes" }, yes),
      no ? button("Cancel", () => dialog.close("")) : null));
  const dialog = make("dialog", { class: "runbook-dialog", "aria-labelledby": id }, form);
  dialog.addEventListener("close", () => {
    const text = field ? field.value : "yes";
    dialog.remove();
    settle(dialog.returnValue === "yes" ? text : null);
  });
  // Sphinx takes this key on the whole page, and with it the browser's own way to leave a dialog.
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "Escape") dialog.close("");
  });
  document.body.append(dialog);
  dialog.showModal();
  field?.focus();
});

const labelled = (label, field) => make("label", { class: "runbook-dialog-field" }, label, field);
const line = (more = {}) => make("input", { type: "text", required: true, autocomplete: "off", spellcheck: "false", ...more });

export const askName = (name, taken) => {
  const field = line({ maxlength: 60, value: name });
  const warning = taken ? [make("p", {}, `${taken} acts now. If you take over, they can only look.`)] : [];
  return ask(taken ? "Take over" : "Act here", [...warning, labelled("Your name, for the record", field)], field, taken ? "Take over" : "Act here");
};

export const askWhy = (title, hint) => {
  const field = make("textarea", { required: true, rows: 3 });
  return ask(title, [make("p", {}, hint), labelled("Your words, for the record", field)], field, title);
};

export const askHosts = ({ hosts, reasons, wrong }) => {
  const field = line();
  return ask("Do you mean these hosts?", [
    make("ul", {}, ...reasons.map((reason) => make("li", {}, reason))),
    wrong ? make("p", { class: "runbook-dialog-wrong" }, "These were not the names.") : null,
    labelled(`To let it run, type: ${hosts.join(" ")}`, field),
  ], field, "Run");
};

export const askValue = (values) => {
  const select = make("select", {}, ...values.map(({ name, text }) => make("option", { value: name }, `${name} = ${text}`)));
  const field = line({ value: values[0].text });
  select.addEventListener("change", () => { field.value = values.find(({ name }) => name === select.value).text; });
  return ask("Edit a value", [labelled("Value", select), labelled("New text", field)], field, "Edit")
    .then((text) => (text === null ? null : { name: select.value, text }));
};

const action = ({ kind, text, place, questions, path, diff, why }) => {
  const where = place ? ` (as ${place})` : "";
  if (kind === "file") return make("div", {}, make("p", {}, `The file ${path}:`), make("pre", { tabindex: "0" }, why || diff || "It is as it should be."));
  if (kind === "task") return make("div", {}, make("p", {}, "A task for you:"), make("pre", { tabindex: "0" }, text));
  const asked = (questions || []).map(({ prompt, answer, secret }) => `${prompt} ${secret ? `[the secret ${secret}]` : answer}`);
  return make("div", {}, make("p", {}, `Typed${where}:`), make("pre", { tabindex: "0" }, [text, ...asked].join("\n")));
};

export const showStep = (title, { purpose, seconds, hosts }, refused) => {
  // Hosts on which it does the same stand together.
  const alike = new Map();
  for (const { host, missing, actions } of hosts) {
    const key = JSON.stringify([missing, actions]);
    alike.set(key, { names: [...(alike.get(key)?.names || []), host], missing, actions });
  }
  const content = [...alike.values()].map(({ names, missing, actions }) => make("section", { "aria-label": names.join(", ") },
    make("h3", {}, names.join(", ")), missing ? make("p", {}, missing) : null, ...actions.map(action)));
  const usual = seconds ? [make("p", {}, `It usually takes about ${Math.max(1, Math.round(seconds))} s.`)] : [];
  const first = refused ? [make("p", {}, refused)] : [];
  return ask(title, [make("p", {}, purpose), ...usual, ...first, ...content], null, "Close", false).then(() => {});
};
