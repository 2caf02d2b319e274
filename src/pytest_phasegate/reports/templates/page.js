(() => {
  "use strict";
  const root = document.documentElement;
  const all = (selector, under = document) => [...under.querySelectorAll(selector)];
  const tools = document.getElementById("tools");
  const search = document.getElementById("search");
  const count = document.getElementById("count");
  const theme = document.getElementById("theme");
  const phases = all(".phase").map((box) => ({
    box,
    tone: box.dataset.tone,
    head: box.querySelector("summary").textContent.toLowerCase(),
    rows: all(".row", box).map((row) => ({ row, text: row.textContent.toLowerCase() })),
  }));
  const loose = all(".row").filter((row) => !row.closest(".phase")).map((row) => ({ row, text: row.textContent.toLowerCase() }));
  const FEW = 200;
  let wanted = "";
  let before = null;

  const groups = { refused: ["bad"], open: ["warn", "busy", "idle"], passed: ["good"] };

  function show() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const has = (text) => words.every((word) => text.includes(word));
    if (words.length && !before) before = new Map(all("details").map((one) => [one, one.open]));
    let shown = 0;
    const found = [];
    for (const phase of phases) {
      const fits = !wanted || groups[wanted].includes(phase.tone);
      const whole = has(phase.head);
      let hits = 0;
      for (const { row, text } of phase.rows) {
        const hit = fits && (whole || has(text));
        row.hidden = !hit;
        if (hit && words.length && !whole) found.push(row);
        hits += hit;
      }
      phase.box.hidden = !(fits && (whole || hits));
      const chip = document.querySelector(`.strip a[href="#${CSS.escape(phase.box.id)}"]`);
      if (chip) chip.parentElement.hidden = phase.box.hidden;
      shown += !phase.box.hidden;
    }
    for (const { row, text } of loose) row.hidden = !has(text);
    root.classList.toggle("searching", words.length > 0);
    for (const chart of all(".trend")) chart.hidden = words.length > 0 || wanted !== "";
    if (words.length && found.length <= FEW) found.forEach(unfold);
    if (!words.length && before) {
      before.forEach((open, one) => { one.open = open; });
      before = null;
    }
    const entries = found.length ? `, ${found.length} ${found.length === 1 ? "entry" : "entries"}` : "";
    count.textContent = words.length || wanted ? `${shown} of ${phases.length} phases${entries}` : "";
  }

  function unfold(one) {
    for (let at = one; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
  }

  function filter(name) {
    wanted = name;
    for (const button of all("button[data-filter]", tools)) {
      button.setAttribute("aria-pressed", String(button.dataset.filter === name));
    }
    show();
  }

  function follow() {
    const target = document.getElementById(location.hash.slice(1));
    if (!target) return;
    if (target.closest("[hidden]")) {
      search.value = "";
      filter("");
    }
    unfold(target);
    target.scrollIntoView();
  }

  function paint(name) {
    if (name === "auto") delete root.dataset.theme;
    else root.dataset.theme = name;
    theme.textContent = `Theme: ${name}`;
  }

  function step(by) {
    const stops = phases.filter((one) => one.tone === "bad" && !one.box.hidden).map((one) => one.box);
    const here = stops.indexOf(document.activeElement.closest(".phase"));
    const next = stops[here < 0 ? (by > 0 ? 0 : stops.length - 1) : (here + by + stops.length) % stops.length];
    if (!next) return;
    next.open = true;
    next.querySelector("summary").focus();
  }

  const themes = ["auto", "light", "dark"];
  let chosen = "auto";
  try {
    chosen = localStorage.getItem("phasegate-theme") || "auto";
  } catch { /* a browser may keep nothing for files */ }
  paint(themes.includes(chosen) ? chosen : "auto");
  theme.addEventListener("click", () => {
    chosen = themes[(themes.indexOf(chosen) + 1) % themes.length];
    paint(chosen);
    try {
      localStorage.setItem("phasegate-theme", chosen);
    } catch { /* the same */ }
  });
  let waiting = 0;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 120);
  });
  tools.addEventListener("click", (event) => {
    const name = event.target.dataset.filter;
    if (name !== undefined) filter(name);
  });
  addEventListener("hashchange", follow);
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === search) {
      if (event.key === "Escape") {
        search.value = "";
        search.blur();
        show();
      }
    } else if (event.key === "/") {
      event.preventDefault();
      search.focus();
    } else if (event.key === "n" || event.key === "p") step(event.key === "n" ? 1 : -1);
  });
  tools.hidden = false;
  follow();
})();
