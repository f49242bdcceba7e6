// What needs a script: sorting, searching, opening all details, and the theme. Without it everything can be read.
(() => {
  "use strict";
  const root = document.documentElement;

  // ---- theme: auto, dark, light
  const toggle = document.querySelector("[data-theme-toggle]");
  const themes = ["auto", "dark", "light"];
  const remember = (theme) => { try { localStorage.setItem("colprofile-theme", theme); } catch { /* a file may have no storage */ } };
  const recall = () => { try { return localStorage.getItem("colprofile-theme"); } catch { return null; } };
  const show = (theme) => {
    if (theme === "auto") delete root.dataset.theme; else root.dataset.theme = theme;
    toggle.textContent = `Theme: ${theme}`;
  };
  let theme = themes.includes(recall()) ? recall() : "auto";
  show(theme);
  toggle.hidden = false;
  toggle.addEventListener("click", () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    show(theme);
    remember(theme);
  });

  // ---- tables: a unit is what moves as one, a row or a body of two rows
  const units = (table) => [...table.querySelectorAll(table.dataset.unit === "tbody" ? ":scope > tbody" : ":scope > tbody > tr")];
  const cellOf = (unit, index) => (unit.tagName === "TR" ? unit : unit.rows[0]).cells[index];

  const sort = (table, index, isText, descending) => {
    const key = (unit) => {
      const cell = cellOf(unit, index);
      if (isText) return cell.querySelector(".name").textContent;
      return cell.dataset.key === "" ? null : Number(cell.dataset.key);
    };
    const sign = descending ? -1 : 1;
    const keyed = units(table).map((unit, order) => ({ unit, key: key(unit), order }));
    keyed.sort((a, b) => {
      if (a.key === null || b.key === null) return (a.key === null) - (b.key === null) || a.order - b.order;
      const compared = isText ? a.key.localeCompare(b.key) : a.key - b.key;
      return sign * compared || a.order - b.order;
    });
    const parent = keyed.length ? keyed[0].unit.parentNode : null;
    if (parent) parent.append(...keyed.map((item) => item.unit));
  };

  for (const table of document.querySelectorAll("table[data-unit]")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, index) => {
      if (!head.dataset.sort) return;
      const isText = head.dataset.sort === "text";
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const now = head.getAttribute("aria-sort");
        const descending = now === null ? !isText : now === "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", descending ? "descending" : "ascending");
        sort(table, index, isText, descending);
      });
    });
  }

  // ---- search
  const clearers = [];
  for (const tools of document.querySelectorAll("[data-tools-for]")) {
    const table = document.getElementById(tools.dataset.toolsFor);
    const input = tools.querySelector("[data-filter]");
    const output = tools.querySelector("output");
    const texts = new Map(units(table).map((unit) =>
      [unit, [...unit.querySelectorAll("[data-text]")].map((cell) => cell.textContent).join(" ").toLowerCase()]));
    const apply = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let found = 0;
      for (const [unit, text] of texts) {
        unit.hidden = !words.every((word) => text.includes(word));
        found += unit.hidden ? 0 : 1;
      }
      output.textContent = words.length ? `${found} of ${texts.size}` : "";
    };
    input.addEventListener("input", apply);
    clearers.push((unit) => { if (texts.has(unit) && unit.hidden) { input.value = ""; apply(); } });
    const expand = tools.querySelector("[data-expand]");
    if (expand) {
      expand.addEventListener("click", () => {
        const all = [...table.querySelectorAll("details")];
        const open = !all.every((details) => details.open);
        all.forEach((details) => { details.open = open; });
        expand.textContent = open ? "Close all details" : "Open all details";
      });
    }
    tools.hidden = false;
  }

  // ---- a link to a row shows it, searched away or not, and opens a column's details
  const reveal = () => {
    const target = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
    if (!target) return;
    clearers.forEach((clear) => clear(target));
    const details = target.matches("tbody") ? target.querySelector("details") : null;
    if (details) details.open = true;
    if (target.matches("tbody, tr")) target.scrollIntoView({ block: "center" });
  };
  addEventListener("hashchange", reveal);
  reveal();
})();
