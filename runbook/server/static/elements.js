// Making elements, and what a tab keeps for itself.

export const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((one) => one !== null && one !== undefined));
  return element;
};

export const button = (text, act, attributes = {}) => {
  const made = make("button", { type: "button", class: "runbook-button", ...attributes }, text);
  made.addEventListener("click", () => act(made));
  return made;
};

export const badge = (text, kind, attributes = {}) => make("span", { class: `runbook-badge runbook-${kind}`, ...attributes }, text);

export const kept = (name) => {
  try {
    return JSON.parse(sessionStorage.getItem(`runbook-serve:${name}`));
  } catch {
    return null;
  }
};

export const keep = (name, value) => {
  try {
    sessionStorage.setItem(`runbook-serve:${name}`, JSON.stringify(value));
  } catch { /* without it a reload begins anew */ }
};

// Words for who hears the page instead of seeing it.
const status = make("div", { role: "status", class: "runbook-hidden" });
document.body.append(status);
export const say = (words) => {
  status.textContent = "";
  requestAnimationFrame(() => { status.textContent = words; });
};

export const time = (iso) => new Date(iso).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
