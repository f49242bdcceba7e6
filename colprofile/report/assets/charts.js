// Drawings that come into view are drawn anew by Vega-Lite; the static ones below them stay for print and without scripts.
(() => {
  "use strict";
  const read = (id) => { const found = document.getElementById(id); return found ? JSON.parse(found.textContent) : null; };
  const packed = document.getElementById("vega-library");
  const drawings = read("drawings");
  if (!packed || !drawings || typeof DecompressionStream === "undefined") return;

  // ---- the library, unpacked once and only when it is needed
  let library = null;
  const unpack = async () => {
    const bytes = Uint8Array.from(atob(packed.textContent), (char) => char.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const script = document.createElement("script");
    script.textContent = await new Response(stream).text();
    document.head.append(script);
    if (typeof window.vegaEmbed !== "function") throw new Error("the drawing library did not start");
  };

  // ---- colours of the page, whichever theme it has
  const colour = (name) => {
    const probe = document.createElement("span");
    probe.style.color = `var(${name})`;
    document.body.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  };
  const look = () => {
    const [ink, quiet, line, accent, raised] = ["--ink", "--quiet", "--line", "--accent", "--raised"].map(colour);
    const font = getComputedStyle(document.body).fontFamily;
    return {
      background: "transparent", font, padding: 2,
      view: { stroke: null, fill: raised },
      mark: { color: accent }, rule: { color: accent },
      range: { heatmap: [raised, accent], ramp: [raised, accent] },
      axis: { labelColor: quiet, titleColor: quiet, domainColor: line, tickColor: line, gridColor: line, labelFontSize: 10, titleFontSize: 10, titleFontWeight: "normal" },
      title: { color: ink },
    };
  };

  // ---- data: from the few figures of a drawing to the rows that Vega-Lite reads
  const short = (value) => (typeof value === "number" ? Number(value.toPrecision(10)) : value);
  const place = (value, type) => {
    if (type !== "temporal") return value;
    const text = String(value).replace(" ", "T");
    return Date.parse(/T/.test(text) && !/(Z|[+-]\d\d(:?\d\d)?)$/.test(text) ? `${text}Z` : text);
  };
  const total = (counts) => counts.reduce((sum, count) => sum + count, 0);
  const makers = {
    bins: (drawing) => {
      const all = total(drawing.n);
      return drawing.n.map((rows, i) => ({
        from: place(drawing.e[i], drawing.type), to: place(drawing.e[i + 1], drawing.type), rows, share: rows / all,
        shown: `${short(drawing.e[i])} … ${short(drawing.e[i + 1])}`,
      }));
    },
    values: (drawing) => {
      const all = total(drawing.n);
      return drawing.v.map((value, i) => (
        { value: place(value, drawing.type), rows: drawing.n[i], share: drawing.n[i] / all, shown: short(value) }));
    },
    joint: (drawing) => {
      const columns = drawing.n.map(total);
      const lines = drawing.ys.map((_, j) => total(drawing.n.map((column) => column[j])));
      const all = total(columns);
      return drawing.n.flatMap((column, i) => column.map((rows, j) => {
        const expected = columns[i] * lines[j] / all;
        return { i, j, x: `${drawing.x} = ${drawing.xs[i]}`, y: `${drawing.y} = ${drawing.ys[j]}`, rows,
          share: columns[i] ? rows / columns[i] : 0, expected, lift: expected ? rows / expected : 0 };
      }));
    },
  };

  const specification = (drawing) => {
    const spec = structuredClone(drawings.specifications[drawing.spec]);
    spec.data = { values: makers[drawing.spec](drawing) };
    if (drawing.type === "temporal") {
      spec.encoding.x.type = "temporal";
      spec.encoding.x.scale = { type: "utc", nice: false };
    }
    if (drawing.log) spec.encoding.y.scale = { type: "symlog" };
    if (drawing.top) {
      spec.encoding.y.scale = { domain: [0, drawing.top], clamp: true };
      spec.mark.clip = true;
    }
    if (drawing.spec === "joint") spec.params = [{ name: "xs", value: drawing.xs }, { name: "ys", value: drawing.ys }];
    return spec;
  };

  const drawn = new Map();
  const draw = async (figure) => {
    const drawing = drawings.figures[figure.dataset.drawing];
    const spec = specification(drawing);
    if (spec.data.values.some((row) => Number.isNaN(row.from ?? row.value ?? 0))) return;
    let target = figure.querySelector(".live");
    if (!target) {
      target = document.createElement("div");
      target.className = "live";
      figure.querySelector(".still").after(target);
    }
    drawn.get(figure)?.finalize();
    figure.classList.add("drawn");
    const result = await window.vegaEmbed(target, spec, {
      mode: "vega-lite", renderer: "svg", actions: false, ast: true, defaultStyle: false, config: look(),
      tooltip: { theme: "custom", disableDefaultStyle: true },
    });
    target.querySelector("svg")?.setAttribute("aria-label", figure.dataset.label);
    drawn.set(figure, result);
  };
  const show = async (figure) => {
    try {
      library ??= unpack();
      await library;
      await draw(figure);
    } catch (error) {
      figure.classList.remove("drawn");
      console.warn(`colprofile: the static drawing stays: ${error}`);
    }
  };

  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      watcher.unobserve(entry.target);
      show(entry.target);
    }
  }, { rootMargin: "200px" });
  const watch = (root) => root.querySelectorAll("[data-drawing]").forEach((figure) => watcher.observe(figure));
  watch(document);

  // ---- sections that come later bring the figures of their drawings
  document.addEventListener("colprofile-inserted", (event) => {
    Object.assign(drawings.figures, event.detail.figures);
    watch(event.detail.section);
  });

  // ---- another theme: what is drawn is drawn again
  const again = () => drawn.forEach((_, figure) => show(figure));
  new MutationObserver(again).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
})();
