"use strict";
/* Makes tabs of the sections, filters clusters, sorts sites, and moves among blocks by arrow keys.
   Without it, or if it fails, all sections stand one below another. It makes no markup of text. */
(() => {
  const root = document.documentElement;
  root.classList.add("js");

  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const one = (selector, within = document) => within.querySelector(selector);
  const step = (event, n, at, back, forth) => {
    const to = { [back]: at - 1, [forth]: at + 1, Home: 0, End: n - 1 }[event.key];
    if (to === undefined || event.ctrlKey || event.altKey || event.metaKey) return null;
    event.preventDefault();
    return (to + n) % n;
  };

  /* ---- tabs */
  let tabs = [];

  function makeTabs() {
    const list = one(".tabs ol");
    list.setAttribute("role", "tablist");
    tabs = all("a", list);
    tabs.forEach((tab, at) => {
      const panel = panelOf(tab);
      tab.parentElement.setAttribute("role", "presentation");
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", panel.id);
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", tab.id);
      tab.addEventListener("keydown", (event) => {
        const to = step(event, tabs.length, at, "ArrowLeft", "ArrowRight");
        if (to !== null) {
          tabs[to].focus();
          go(panelOf(tabs[to]).id);
        }
      });
      tab.addEventListener("click", (event) => {
        event.preventDefault();
        go(panel.id);
      });
    });
  }

  const panelOf = (tab) => document.getElementById(tab.hash.slice(1));

  function select(panel) {
    tabs.forEach((tab) => {
      const mine = panelOf(tab) === panel;
      tab.setAttribute("aria-selected", String(mine));
      tab.tabIndex = mine ? 0 : -1;
      panelOf(tab).classList.toggle("open", mine);
    });
  }

  /* The address says which tab is open, and for clusters what was asked: #clusters?q=harbour */
  function go(name) {
    if (location.hash.slice(1).split("?")[0] !== name) history.pushState(null, "", "#" + address(name));
    select(document.getElementById(name));
    /* a panel begins below the tabs, also where they stick to the window's top */
    const top = document.getElementById(name).getBoundingClientRect().top + scrollY - one(".tabs").offsetHeight;
    if (scrollY > top) scrollTo(0, top);
  }

  function follow() {
    const [name, asked] = location.hash.slice(1).split("?");
    const target = document.getElementById(decode(name)) || panelOf(tabs[0]);
    const panel = target && target.closest(".panel");
    if (!panel) {
      if (!one(".panel.open")) select(panelOf(tabs[0]));
      return;
    }
    select(panel);
    if (panel.id === "clusters" && asked !== undefined) ask(new URLSearchParams(asked));
    if (target !== panel) target.scrollIntoView();
  }

  function decode(name) {
    try {
      return decodeURIComponent(name);
    } catch {
      return "";
    }
  }

  /* ---- clusters */
  const fields = { q: "", kind: "", min: "0" };
  let cards = [];
  let texts = new Map();

  const field = (name) => document.getElementById(name);
  const address = (name) => {
    const asked = new URLSearchParams();
    if (name === "clusters")
      for (const key in fields) if (field(key) && field(key).value !== fields[key]) asked.set(key, field(key).value);
    return String(asked) ? name + "?" + asked : name;
  };
  const plain = (text) => text.normalize("NFKC").toLowerCase();

  function makeFilter() {
    const form = one(".filter");
    if (!form) return;
    cards = all(".cluster");
    form.hidden = false;
    form.addEventListener("input", () => {
      filter();
      remember();
    });
    field("clear").addEventListener("click", clear);
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      clear();
      event.target.blur();
    });
    filter();
  }

  function ask(asked) {
    for (const key in fields) if (field(key)) field(key).value = asked.has(key) ? asked.get(key) : fields[key];
    filter();
  }

  function clear() {
    ask(new URLSearchParams());
    remember();
  }

  let waiting = 0;
  function remember() {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      if (one("#clusters.open")) history.replaceState(null, "", "#" + address("clusters"));
    }, 200);
  }

  function textOf(card) {
    if (!texts.has(card)) texts.set(card, plain(card.textContent));
    return texts.get(card);
  }

  function filter() {
    const words = plain(field("q").value).split(/\s+/).filter(Boolean);
    const kind = field("kind") ? field("kind").value : "";
    const min = Number(field("min").value);
    let n = 0;
    for (const card of cards) {
      const fits =
        (!kind || card.dataset.kind === kind) &&
        Number(card.dataset.similarity) >= min &&
        words.every((word) => textOf(card).includes(word));
      card.hidden = !fits;
      n += fits;
    }
    for (const group of all("#clusters .group")) group.hidden = !one(".cluster:not([hidden])", group);
    one(".filter output").textContent = min.toFixed(2);
    const status = one(".filter [role=status]");
    const total = Number(status.dataset.total);
    const beyond = total > cards.length ? "; " + total.toLocaleString("en") + " in the result" : "";
    status.textContent = n.toLocaleString("en") + " of the " + cards.length.toLocaleString("en") + " clusters on this page" + beyond;
  }

  /* ---- tables */
  function makeSortable(table) {
    const heads = all("thead th", table);
    heads.forEach((head, column) => {
      if (!("sort" in head.dataset)) return;
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.textContent = "";
      head.append(button);
      button.addEventListener("click", () => sort(table, heads, column));
    });
  }

  function sort(table, heads, column) {
    const numbers = heads[column].classList.contains("n");
    const now = heads[column].getAttribute("aria-sort");
    const falling = now ? now === "ascending" : numbers;
    heads.forEach((head) => head.removeAttribute("aria-sort"));
    heads[column].setAttribute("aria-sort", falling ? "descending" : "ascending");
    const value = (row) => (numbers ? Number(row.cells[column].dataset.value) : row.cells[column].textContent);
    const compare = (a, b) => (numbers ? value(a) - value(b) : value(a).localeCompare(value(b)));
    const rows = all("tbody tr", table).sort((a, b) => (falling ? compare(b, a) : compare(a, b)));
    table.tBodies[0].append(...rows);
  }

  /* ---- blocks: one stop for Tab in each page, arrows from block to block */
  function makeBlocks(list) {
    const items = all("li", list);
    items.forEach((item, at) => {
      item.tabIndex = at ? -1 : 0;
      item.addEventListener("keydown", (event) => {
        if (event.key === "Escape") item.blur();
        if (event.target !== item) return;
        const to = step(event, items.length, at, "ArrowUp", "ArrowDown");
        if (to === null) return;
        items.forEach((other, place) => (other.tabIndex = place === to ? 0 : -1));
        items[to].focus();
      });
    });
  }

  /* ---- keys */
  function key(event) {
    if (event.key !== "/" || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest("input, select, textarea") || !field("q")) return;
    event.preventDefault();
    go("clusters");
    field("q").focus();
    field("q").select();
  }

  function start() {
    makeTabs();
    makeFilter();
    all("table.sortable").forEach(makeSortable);
    all("ol.blocks").forEach(makeBlocks);
    document.addEventListener("keydown", key);
    addEventListener("hashchange", follow);
    addEventListener("popstate", follow);
    follow();
  }

  document.addEventListener("DOMContentLoaded", () => {
    try {
      start();
    } catch (error) {
      root.classList.remove("js");
      throw error;
    }
  });
})();
