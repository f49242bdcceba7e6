// What needs a script: sorting, searching, more rows, details, the theme, the glossary where a term is pointed at, and
// downloads. Without it everything can be read.
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
      if (isText) return (cell.querySelector(".name") ?? cell).textContent;
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
    table.dispatchEvent(new Event("colprofile-sorted"));
  };

  const clearers = [];
  const prepare = (root) => {
    for (const table of root.querySelectorAll("table[data-unit]")) {
      const heads = [...table.tHead.rows[0].cells];
      heads.forEach((head, index) => {
        if (!head.dataset.sort) return;
        const isText = head.dataset.sort === "text";
        const button = document.createElement("button");
        button.type = "button";
        const words = head.querySelector(".head");
        button.textContent = words.textContent;
        words.replaceChildren(button);
        button.addEventListener("click", () => {
          const now = head.getAttribute("aria-sort");
          const descending = now === null ? !isText : now === "ascending";
          heads.forEach((other) => other.removeAttribute("aria-sort"));
          head.setAttribute("aria-sort", descending ? "descending" : "ascending");
          sort(table, index, isText, descending);
        });
      });
    }

    // ---- search, and the first rows of a long table until more are asked for
    for (const tools of root.querySelectorAll("[data-tools-for]")) {
      const table = document.getElementById(tools.dataset.toolsFor);
      const input = tools.querySelector("[data-filter]");
      const output = tools.querySelector("output");
      const texts = new Map(units(table).map((unit) =>
        [unit, [...unit.querySelectorAll("[data-text]")].map((cell) => cell.textContent).join(" ").toLowerCase()]));
      const step = Number(tools.dataset.pageSize ?? Infinity);
      let shown = step;
      const more = document.createElement("button");
      const all = document.createElement("button");
      for (const button of [more, all]) button.type = "button";
      const apply = () => {
        const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
        let found = 0;
        for (const unit of units(table)) {
          const fits = words.every((word) => texts.get(unit).includes(word));
          unit.hidden = !fits || found >= shown;
          found += fits ? 1 : 0;
        }
        output.textContent = words.length ? `${found} of ${texts.size}` : found > shown ? `${shown} of ${found} shown` : "";
        more.hidden = all.hidden = found <= shown;
        more.textContent = `Show ${Math.min(step, found - shown)} more`;
        all.textContent = `Show all ${found}`;
      };
      if (step < texts.size) {
        const pager = document.createElement("p");
        pager.className = "pager";
        pager.append(more, all);
        table.closest(".scroll").after(pager);
        more.addEventListener("click", () => { shown += step; apply(); });
        all.addEventListener("click", () => { shown = Infinity; apply(); });
      }
      const start = () => { if (step < texts.size) apply(); };
      start();
      table.addEventListener("colprofile-sorted", start);
      input.addEventListener("input", apply);
      clearers.push((unit) => {
        if (!texts.has(unit) || !unit.hidden) return;
        input.value = "";
        apply();
        if (unit.hidden) { shown = Infinity; apply(); }
      });
      const expand = tools.querySelector("[data-expand]");
      if (expand) {
        expand.addEventListener("click", () => {
          const open = expand.dataset.expand !== "open";
          expand.dataset.expand = open ? "open" : "";
          for (const unit of units(table)) if (!unit.hidden) unit.querySelectorAll("details").forEach((details) => { details.open = open; });
          expand.textContent = open ? "Close all details" : "Open all details";
        });
      }
    }
    for (const tools of root.querySelectorAll(".tools")) tools.hidden = false;
  };
  prepare(document);

  // ---- a table that fits has its heading at the top of the window, below the navigation; another one scrolls in its box
  const bar = document.querySelector("nav");
  const fit = () => {
    root.style.setProperty("--bar", `${bar.offsetHeight}px`);
    for (const box of document.querySelectorAll(".scroll:not(.tall):has(> table[data-unit])")) {
      box.classList.remove("fits");
      box.classList.toggle("fits", box.scrollWidth <= box.clientWidth);
    }
  };
  fit();
  addEventListener("resize", fit);

  // ---- the glossary where a term is pointed at or has the focus
  const note = document.createElement("div");
  note.className = "meaning";
  note.hidden = true;
  note.setAttribute("aria-hidden", "true");
  document.body.append(note);
  const explain = (link) => {
    const entry = document.getElementById(link.hash.slice(1));
    note.replaceChildren(...[...entry.children].map((child) => {
      const line = document.createElement("p");
      line.textContent = child.textContent;
      return line;
    }));
    note.hidden = false;
    const box = link.getBoundingClientRect();
    const left = Math.min(Math.max(8, box.left), innerWidth - note.offsetWidth - 8);
    const below = box.bottom + 6 + note.offsetHeight < innerHeight;
    note.style.left = `${Math.max(8, left)}px`;
    note.style.top = `${below ? box.bottom + 6 : Math.max(8, box.top - 6 - note.offsetHeight)}px`;
  };
  const hush = () => { note.hidden = true; };
  const termAt = (event) => (event.target instanceof Element ? event.target.closest("a.term") : null);
  for (const kind of ["pointerover", "focusin"]) {
    document.addEventListener(kind, (event) => { const link = termAt(event); if (link) explain(link); else hush(); });
  }
  document.addEventListener("focusout", hush);
  const follow = () => { if (document.activeElement?.matches("a.term") && !note.hidden) explain(document.activeElement); else hush(); };
  addEventListener("scroll", follow, { capture: true, passive: true });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hush(); });

  // ---- downloads: the result as JSON, or one of its lists as CSV
  const packed = document.getElementById("result");
  const unpack = async () => {
    const bytes = Uint8Array.from(atob(packed.textContent), (char) => char.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  };
  const isPlain = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
  // The fields of an object that hold one value, and those of objects and intervals within it.
  const flat = (item, prefix = "") => Object.entries(item).flatMap(([key, value]) => {
    const name = prefix + key;
    if (key === "undefined") return [];
    if (isPlain(value)) return flat(value, `${name}_`);
    if (!Array.isArray(value)) return [[name, value]];
    if (/_interval$/.test(key) && value.length === 2) {
      const start = name.replace(/_interval$/, "");
      return [[`${start}_lower`, value[0]], [`${start}_upper`, value[1]]];
    }
    if (value.every((part) => typeof part === "string")) return [[name, value.join("; ")]];
    return [];
  });
  const at = (data, path) => path.reduce((found, part) => found[part], data);
  const listed = (whole, field) => {
    const path = field.split(".");
    const data = at(whole, path.slice(0, -1));
    const items = at(whole, path);
    if (!Array.isArray(items[0])) {
      const rows = items.map((item) => new Map(flat(item)));
      const names = [...new Set(rows.flatMap((row) => [...row.keys()]))];
      return [names, ...rows.map((row) => names.map((name) => row.get(name)))];
    }
    return [data.columns.map((column) => column.name), ...items];
  };
  // A text that a spreadsheet would take for a formula begins with an apostrophe.
  const cellText = (value) => {
    if (value === null || value === undefined) return "";
    const text = typeof value === "string" && /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const write = (name, type, text) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };
  if (packed && typeof DecompressionStream !== "undefined") {
    for (const button of document.querySelectorAll("[data-download]")) {
      const field = button.dataset.download;
      button.addEventListener("click", async () => {
        const text = await unpack();
        const name = packed.dataset.name;
        if (!field) write(`${name}.json`, "application/json", text);
        else write(`${name}-${field.replaceAll(/[_.]/g, "-")}.csv`, "text/csv;charset=utf-8",
          `\ufeff${listed(JSON.parse(text), field).map((row) => row.map(cellText).join(",")).join("\r\n")}\r\n`);
      });
      button.hidden = false;
    }
    for (const line of document.querySelectorAll(".downloads")) line.hidden = false;
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

  // ---- a section that comes later
  document.addEventListener("colprofile-inserted", (event) => {
    const section = event.detail.section;
    prepare(section);
    fit();
    if (location.hash.length > 1 && section.contains(document.getElementById(location.hash.slice(1)))) reveal();
  });
})();
