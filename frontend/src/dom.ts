// SPDX-License-Identifier: BSD-3-Clause
// Elements in one expression. Text always goes in as text, never as markup.

type Child = Node | string;

export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export function option(value: string, text: string): HTMLOptionElement {
  return element("option", { value }, text);
}
