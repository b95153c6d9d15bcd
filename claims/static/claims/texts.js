// Finds the texts that scripts show. They stand in the page, so that they are translated with it.

const texts = new Map();

for (const template of document.querySelectorAll("template[data-texts]")) {
  for (const each of template.content.querySelectorAll("[data-text]")) {
    texts.set(each.dataset.text, each.textContent);
  }
}

/** Returns a text with each `{name}` in it replaced by the value of that name. */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Returns the page's text of this name, filled with `values`. */
export function textOf(name, values = {}) {
  return fill(texts.get(name), values);
}

/** Returns a count with its unit, such as `3 days`, in the page's language. */
export function counted(count, unit) {
  const format = { style: "unit", unit, unitDisplay: "long" };
  return new Intl.NumberFormat(document.documentElement.lang, format).format(count);
}
