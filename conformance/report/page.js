"use strict";
(() => {
  const root = document.documentElement;
  const themes = ["auto", "light", "dark"];
  const button = document.getElementById("theme");
  const remembered = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
  const wear = (theme) => {
    if (theme === "auto") delete root.dataset.theme; else root.dataset.theme = theme;
    button.textContent = `Theme: ${theme}`;
    button.dataset.now = theme;
  };
  wear(themes.includes(remembered()) ? remembered() : "auto");
  button.hidden = false;
  button.addEventListener("click", () => {
    const theme = themes[(themes.indexOf(button.dataset.now) + 1) % themes.length];
    wear(theme);
    try { localStorage.setItem("theme", theme); } catch { /* a file may have no storage */ }
  });

  const filters = document.getElementById("filters");
  if (!filters) return;
  const clauses = [...document.querySelectorAll("details.clause")];
  const texts = new Map(clauses.map((each) => [each, each.textContent.toLowerCase()]));
  const apply = () => {
    const chosen = new FormData(filters);
    const kinds = new Set(chosen.getAll("kind"));
    const text = chosen.get("text").trim().toLowerCase();
    let shown = 0;
    for (const each of clauses) {
      const { kind, level, profile, operations } = each.dataset;
      const operation = chosen.get("operation");
      const fits = kinds.has(kind)
        && (!chosen.get("level") || chosen.get("level") === level)
        && (!chosen.get("profile") || chosen.get("profile") === profile)
        && (!operation || operation === operations || operations.split(" ").includes(operation))
        && texts.get(each).includes(text);
      each.hidden = !fits;
      if (fits) shown += 1;
    }
    document.getElementById("shown").textContent = shown === clauses.length ? `${shown}` : `${shown} of ${clauses.length}`;
    document.getElementById("none").hidden = shown > 0;
  };
  filters.hidden = false;
  filters.addEventListener("input", apply);
  filters.addEventListener("submit", (event) => event.preventDefault());
  const showAll = () => {
    for (const each of filters.elements) {
      if (each.name === "kind") each.checked = true; else if (each.name) each.value = "";
    }
    apply();
  };
  filters.addEventListener("reset", (event) => { event.preventDefault(); showAll(); });

  const open = () => {
    const found = clauses.find((each) => `#${each.id}` === location.hash);
    if (!found) return;
    if (found.hidden) showAll();
    found.open = true;
    found.scrollIntoView({ block: "center" });
  };
  addEventListener("hashchange", open);
  apply();
  open();
})();
