// Tables of a database: each one's report is unpacked when it is asked for; the search over the columns of all.
(() => {
  "use strict";
  const tables = JSON.parse(document.getElementById("all-columns").textContent);
  // ---- SQL is copied as it is, not as it is shown
  const said = document.createElement("div");
  said.className = "unseen";
  said.setAttribute("aria-live", "polite");
  const copyable = (root) => {
    for (const block of root.querySelectorAll("pre[data-copy]")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "copy";
      button.textContent = "Copy";
      button.setAttribute("aria-label", "Copy the SQL");
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(block.dataset.sql ?? block.textContent);
        button.textContent = said.textContent = "Copied";
        setTimeout(() => { button.textContent = "Copy"; said.textContent = ""; }, 2000);
      });
      block.after(button);
    }
  };
  if (navigator.clipboard) {
    document.querySelector("main").append(said);
    copyable(document);
  }

  if (typeof DecompressionStream === "undefined") {
    const without = document.querySelector("#overview noscript");
    without?.insertAdjacentHTML("afterend", without.textContent);
    return;
  }

  // ---- a report within the page: its anchors begin with its table's, so that no two are the same
  const references = ["for", "aria-labelledby", "aria-describedby", "aria-controls", "data-tools-for", "data-drawing"];
  const renamed = (root, prefix) => {
    const known = new Set([...root.querySelectorAll("[id]")].map((element) => element.id));
    for (const element of root.querySelectorAll("[id]")) element.id = prefix + element.id;
    for (const link of root.querySelectorAll('a[href^="#"]')) {
      if (known.has(link.hash.slice(1))) link.setAttribute("href", `#${prefix}${link.hash.slice(1)}`);
    }
    for (const name of references) {
      for (const element of root.querySelectorAll(`[${name}]`)) element.setAttribute(name, prefix + element.getAttribute(name));
    }
  };
  const unpack = async (packed) => {
    const bytes = Uint8Array.from(atob(packed), (char) => char.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  };
  const opened = new Map();
  const open = (number) => {
    if (!opened.has(number)) opened.set(number, load(number).catch(() => failed(number)));
    return opened.get(number);
  };
  const failed = (number) => {
    const section = document.getElementById(`t${number}`);
    const report = section.querySelector(".report");
    report.textContent = "This table's report could not be opened.";
    report.removeAttribute("aria-busy");
    section.hidden = false;
  };
  const load = async (number) => {
    const section = document.getElementById(`t${number}`);
    const report = section.querySelector(".report");
    const packed = document.getElementById(`t${number}-packed`);
    const template = document.createElement("template");
    template.innerHTML = await unpack(packed.textContent);
    packed.remove();
    const prefix = `t${number}-`;
    const data = template.content.querySelector("script[data-figures]");
    const figures = data ? JSON.parse(data.textContent) : {};
    data?.remove();
    renamed(template.content, prefix);
    for (const button of template.content.querySelectorAll("[data-download]")) button.remove();
    report.append(template.content);
    report.removeAttribute("aria-busy");
    section.hidden = false;
    const named = Object.fromEntries(Object.entries(figures).map(([key, figure]) => [prefix + key, figure]));
    document.dispatchEvent(new CustomEvent("colprofile-inserted", { detail: { section, figures: named } }));
  };

  // ---- links to a table, or to a column of it
  const follow = async () => {
    const found = /^#t(\d+)(?:-.*)?$/.exec(location.hash);
    if (!found || !tables[found[1]]) return;
    await open(Number(found[1]));
    const target = document.getElementById(location.hash.slice(1)) ?? document.getElementById(`t${found[1]}`);
    document.getElementById(`t${found[1]}`).focus({ preventScroll: true });
    if (!target.matches("tbody, tr")) target.scrollIntoView();
  };
  addEventListener("hashchange", follow);
  follow();

  // ---- the search over all columns
  const finder = document.querySelector(".finder");
  const input = document.getElementById("finder-input");
  const amount = document.getElementById("finder-amount");
  const list = document.getElementById("finder-list");
  const most = 50;
  const columns = tables.flatMap(([table, own], number) => own.map(([name, type, figure], column) =>
    ({ table, name, type, figure, anchor: `#t${number}-c${column}`, words: `${name}\n${table}\n${type}`.toLowerCase(), start: name.toLowerCase() })));
  const item = (column) => {
    const line = document.createElement("li");
    const link = document.createElement("a");
    link.href = column.anchor;
    link.className = "name";
    const parts = [[link, column.name], [document.createElement("span"), column.table], [document.createElement("small"), column.type], [document.createElement("small"), column.figure]];
    for (const [element, text] of parts) {
      const isolated = document.createElement("bdi");
      isolated.textContent = text;
      element.append(isolated);
      line.append(element);
    }
    return line;
  };
  const search = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) {
      amount.textContent = "";
      list.replaceChildren();
      return;
    }
    const rank = (column) => (column.start === words[0] ? 0 : column.start.startsWith(words[0]) ? 1 : column.start.includes(words[0]) ? 2 : 3);
    const found = columns.filter((column) => words.every((word) => column.words.includes(word)))
      .map((column) => [rank(column), column]).sort((a, b) => a[0] - b[0]);
    list.replaceChildren(...found.slice(0, most).map(([, column]) => item(column)));
    amount.textContent = `${found.length} of ${columns.length} columns${found.length > most ? `, the first ${most} are shown` : ""}`;
  };
  if (finder) {
    finder.hidden = false;
    input.addEventListener("input", search);
    input.addEventListener("keydown", (event) => {
      const first = list.querySelector("a");
      if (event.key === "Enter" && first) first.click();
    });
  }
})();
