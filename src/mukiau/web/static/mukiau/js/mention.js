/* Completes @names in a text: the people of the <datalist> that data-mentions names. Without this, names are typed. */

const NAME = /(?:^|[^A-Za-z0-9_@＠./+-])[@＠]([^\s@＠]{0,150})$/;
const MOST = 8;

for (const area of document.querySelectorAll("textarea[data-mentions]")) {
  const source = document.getElementById(area.dataset.mentions);
  if (source) complete(area, [...source.options].map((option) => option.value));
}

function complete(area, names) {
  const list = document.createElement("ul");
  list.className = "named";
  list.id = `${area.id}-names`;
  list.setAttribute("role", "listbox");
  list.hidden = true;
  const box = document.createElement("span");
  box.className = "naming";
  area.replaceWith(box);
  box.append(area, list);
  area.setAttribute("aria-controls", list.id);
  area.setAttribute("aria-autocomplete", "list");
  let chosen = 0;

  const typed = () => NAME.exec(area.value.slice(0, area.selectionStart))?.[1];
  const close = () => {
    list.hidden = true;
    area.removeAttribute("aria-activedescendant");
  };
  const mark = (index) => {
    chosen = (index + list.children.length) % list.children.length;
    [...list.children].forEach((item, place) => item.setAttribute("aria-selected", String(place === chosen)));
    area.setAttribute("aria-activedescendant", list.children[chosen].id);
    list.children[chosen].scrollIntoView({ block: "nearest" });
  };
  const take = () => {
    const end = area.selectionStart;
    area.setRangeText(`${list.children[chosen].textContent} `, end - typed().length, end, "end");
    close();
    area.focus();
  };
  const suggest = () => {
    const start = typed()?.toLowerCase();
    const found = start === undefined ? [] : names.filter((name) => name.startsWith(start)).slice(0, MOST);
    if (!found.length || found[0] === start) return close();
    list.replaceChildren(
      ...found.map((name, place) => {
        const item = document.createElement("li");
        item.id = `${list.id}-${place}`;
        item.setAttribute("role", "option");
        item.textContent = name;
        item.addEventListener("pointerdown", (event) => {
          event.preventDefault();
          mark(place);
          take();
        });
        return item;
      }),
    );
    list.hidden = false;
    mark(0);
  };

  area.addEventListener("input", (event) => {
    if (!event.isComposing) suggest();
  });
  area.addEventListener("compositionend", suggest);
  area.addEventListener("blur", close);
  area.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    const moves = { ArrowDown: () => mark(chosen + 1), ArrowUp: () => mark(chosen - 1), Enter: take, Tab: take, Escape: close };
    if (!(event.key in moves)) return;
    event.preventDefault();
    event.stopPropagation();
    moves[event.key]();
  });
}
