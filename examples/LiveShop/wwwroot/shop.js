// The page of the live shop: what was taken is kept here, the server is asked anew after every change.

const kept = "live-shop"; // in this tab's storage
const page = 24;
const shownOfHistory = 8;
const shownOnPhone = 5; // as in shop.css

const byId = (id) => document.getElementById(id);
const state = {
  history: [], // { id, title }
  exclude: true,
  group: null,
  query: "",
  skip: 0,
  limits: { history: 200, recommendations: 10, text: 300 },
  model: null,
  order: new Map(), // where each recommended item stood before
};

/** An element with attributes and children; text is always text. */
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

/** Asks the server; a problem becomes an error in its words. */
async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The shop does not answer.");
  }
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  const details = Object.values(body.errors ?? {}).flat();
  throw new Error(details.join(" ") || body.detail || body.title || `The shop answered ${response.status}.`);
}

const post = (path, body, signal) =>
  ask(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });

function hue(text) {
  let sum = 0;
  for (const character of text) sum = (sum * 31 + character.codePointAt(0)) % 360;
  return sum;
}

function tile(item) {
  const words = item.title.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const initials = words
    .slice(0, 2)
    .map((word) => [...word][0])
    .join("");
  const element = make("span", { class: "tile", "aria-hidden": "true" }, initials.toUpperCase());
  element.style.setProperty("--hue", hue(item.group ?? item.title));
  return element;
}

const badge = (item) => (item.isNew ? make("span", { class: "badge" }, "New") : null);

// What was taken.

function save() {
  sessionStorage.setItem(kept, JSON.stringify({ history: state.history, exclude: state.exclude }));
}

function restore() {
  try {
    const { history, exclude } = JSON.parse(sessionStorage.getItem(kept)) ?? {};
    state.history = Array.isArray(history) ? history : [];
    state.exclude = exclude ?? true;
  } catch {
    // Nothing was kept, or nothing that this page wrote.
  }
  byId("exclude").checked = state.exclude;
}

function take(...items) {
  state.history.push(...items.map(({ id, title }) => ({ id, title })));
  state.history = state.history.slice(-state.limits.history);
  changed();
}

function changed() {
  save();
  showTaken();
  return recommend();
}

function showTaken() {
  const list = byId("taken");
  const earlier = Math.max(0, state.history.length - shownOfHistory);
  list.replaceChildren(
    ...(earlier > 0 ? [make("li", { class: "earlier" }, `${earlier} earlier`)] : []),
    ...state.history.slice(earlier).map((item, place) => {
      const remove = make("button", { type: "button", "aria-label": `Put back ${item.title}` }, "\u00d7");
      remove.addEventListener("click", () => {
        state.history.splice(earlier + place, 1);
        changed();
        const left = list.querySelectorAll("button");
        (left[Math.min(place, left.length - 1)] ?? byId("exclude")).focus();
      });
      return make("li", null, make("span", null, item.title), remove);
    }),
  );
  byId("taken-empty").hidden = state.history.length > 0;
  byId("clear").hidden = state.history.length === 0;
}

// What is recommended.

let asking = null;

async function recommend() {
  asking?.abort();
  const mine = (asking = new AbortController());
  const list = byId("list");
  list.setAttribute("aria-busy", "true");
  const start = performance.now();
  try {
    const answer = await post(
      "api/recommendations",
      {
        history: state.history.map((item) => item.id),
        k: Math.min(10, state.limits.recommendations),
        excludeHistory: state.exclude,
      },
      mine.signal,
    );
    showRecommended(answer, performance.now() - start);
  } catch (error) {
    if (error.name === "AbortError") return;
    byId("failure-text").textContent = error.message;
    byId("failure").hidden = false;
    if (state.order.size === 0) list.replaceChildren();
  }
  if (mine === asking) list.removeAttribute("aria-busy");
}

function showRecommended(answer, roundTrip) {
  byId("failure").hidden = true;
  const known = state.history.length > answer.unknownItems;
  byId("recommended-title").textContent = known ? "Recommended next" : "Favourites";
  byId("timing").textContent = `scored in ${answer.milliseconds.toFixed(1)} ms, ${Math.round(roundTrip)} ms in all`;

  const best = Math.max(...answer.items.map((item) => item.score), 1e-9);
  const before = state.order;
  state.order = new Map(answer.items.map((entry, place) => [entry.item.id, place]));
  byId("list").replaceChildren(
    ...answer.items.map((entry, place) => recommended(entry, place, best, before, known)),
  );

  byId("all").hidden = answer.items.length <= shownOnPhone;

  const notes = [];
  if (answer.items.length === 0) notes.push("There is nothing left to recommend: you have taken all of it.");
  else if (known) {
    notes.push("\u201cBecause\u201d names what lies nearest among the things you took; the model itself reads all of them, in order.");
  }
  if (answer.unknownItems > 0) notes.push(`${answer.unknownItems} of what you took is unknown to the model, and skipped.`);
  byId("note").textContent = notes.join(" ");

  const top = answer.items[0]?.item.title;
  byId("peek-text").textContent = top ? `${known ? "Next" : "Favourite"}: ${top}` : "Nothing left to recommend";
  byId("announce").textContent = top ? `First recommendation: ${top}` : "Nothing left to recommend";
  showModel(answer.modelLoadedAt);
}

function recommended({ item, score, taken, because }, place, best, before, known) {
  const button = make(
    "button",
    { class: "take", type: "button" },
    "Take",
    make("span", { class: "hidden" }, ` ${item.title}`),
  );
  button.addEventListener("click", () => {
    byId("recommended").focus({ preventScroll: true });
    take(item);
  });
  const bar = make("span", { class: "bar", "aria-hidden": "true" }, make("i"));
  bar.firstChild.style.setProperty("--share", Math.max(0, score / best).toFixed(3));
  const [first] = because;
  const nearness = first == null ? "" : ` \u00b7 nearness ${first.nearness.toFixed(2)}`;
  const value = known ? `score ${score.toFixed(3)}${nearness}` : `${(100 * score).toFixed(2)} % of all purchases`;
  return make(
    "li",
    { class: before.size > 0 && !before.has(item.id) ? "entered" : null },
    make("span", { class: "rank" }, `${place + 1}`, moved(before, item.id, place)),
    tile(item),
    make(
      "div",
      null,
      make("p", { class: "name" }, item.title, badge(item)),
      make("p", { class: "details" }, taken ? "You have taken it before" : item.details),
    ),
    button,
    first == null
      ? null
      : make(
          "p",
          { class: "because", title: because.map((near) => `${near.item.title}: ${near.nearness.toFixed(2)}`).join("\n") },
          "because you took ",
          make("b", null, first.item.title),
        ),
    make("div", { class: "meter" }, bar, value),
  );
}

function moved(before, id, place) {
  const from = before.get(id);
  if (from == null || from === place) return null;
  const up = from > place;
  return make(
    "small",
    { class: up ? "up" : null },
    make("span", { "aria-hidden": "true" }, `${up ? "\u2191" : "\u2193"}${Math.abs(from - place)}`),
    make("span", { class: "hidden" }, `, ${up ? "up" : "down"} by ${Math.abs(from - place)}`),
  );
}

function showModel(loadedAt) {
  const time = new Date(loadedAt).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  byId("model").textContent = `Model loaded at ${time}`;
  if (state.model != null && state.model !== loadedAt) byId("announce").textContent = "A new model is serving.";
  state.model = loadedAt;
}

// The shelves.

let searching = null;

async function showItems(more = false) {
  searching?.abort();
  const mine = (searching = new AbortController());
  state.skip = more ? state.skip + page : 0;
  const query = new URLSearchParams({ query: state.query, skip: state.skip, take: page });
  if (state.group != null) query.set("group", state.group);
  const list = byId("items");
  try {
    const found = await ask(`api/items?${query}`, { signal: mine.signal });
    const cards = found.items.map(card);
    const first = cards[0]?.firstChild;
    if (more) {
      list.append(...cards);
      first?.focus();
    } else if (cards.length > 0) list.replaceChildren(...cards);
    else list.replaceChildren(make("li", { class: "nothing" }, "Nothing on the shelves matches."));
    byId("count").textContent = `${found.total} ${found.total === 1 ? "item" : "items"}`;
    byId("more").hidden = state.skip + page >= found.total;
  } catch (error) {
    if (error.name === "AbortError") return;
    list.replaceChildren(make("li", { class: "nothing" }, error.message));
    byId("more").hidden = true;
  }
}

function card(item) {
  const button = make(
    "button",
    { type: "button" },
    tile(item),
    make(
      "span",
      { class: "words" },
      make("span", { class: "name" }, item.title, badge(item)),
      make("span", { class: "details" }, item.details),
    ),
  );
  button.addEventListener("click", () => take(item));
  return make("li", null, button);
}

function showGroups(groups) {
  const all = [null, ...groups];
  byId("groups").hidden = groups.length === 0;
  byId("groups").replaceChildren(
    ...all.map((group) => {
      const button = make("button", { type: "button", "aria-pressed": `${state.group === group}` }, group ?? "All");
      button.addEventListener("click", () => {
        state.group = group;
        for (const other of byId("groups").children) other.setAttribute("aria-pressed", `${other === button}`);
        showItems();
      });
      return button;
    }),
  );
}

// A new item.

async function bring(event) {
  event.preventDefault();
  const button = byId("add");
  const result = byId("brought");
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  try {
    const { item, nearest, after } = await post("api/items", { text: byId("text").value });
    result.classList.remove("wrong");
    const near = nearest.map((other) => other.title).join("; ");
    result.replaceChildren(
      make("p", null, make("b", null, item.title), ` is in the shop, near to: ${near}.`),
      make("p", null, after.length > 0 ? "Start over with one of these, and see it recommended:" : "After no single item is it among the first ten."),
      ...after.map((lead) => {
        const see = make("button", { type: "button" }, lead.title);
        see.addEventListener("click", () => {
          state.history = []; // what was taken before may call for other things
          take(lead);
          byId("recommended").focus();
          byId("recommended").scrollIntoView();
        });
        return see;
      }),
    );
    byId("text").value = "";
    await Promise.all([showItems(), recommend()]);
  } catch (error) {
    result.classList.add("wrong");
    result.replaceChildren(make("p", null, error.message));
  }
  button.removeAttribute("aria-disabled");
}

// On a phone, the best pick stays in sight while the recommendations are not.

new IntersectionObserver(([seen]) => {
  byId("peek").hidden = seen.isIntersecting;
}).observe(byId("recommended"));

byId("list").replaceChildren(...Array.from({ length: 5 }, () => make("li", { class: "placeholder", "aria-hidden": "true" })));
byId("clear").addEventListener("click", () => {
  state.history = [];
  changed();
  byId("exclude").focus();
});
byId("exclude").addEventListener("change", (event) => {
  state.exclude = event.target.checked;
  changed();
});
byId("all").addEventListener("click", (event) => {
  const all = byId("list").classList.toggle("whole");
  event.target.setAttribute("aria-expanded", `${all}`);
  event.target.textContent = all ? "Show fewer" : "Show all";
});
byId("retry").addEventListener("click", start);
byId("more").addEventListener("click", () => showItems(true));
byId("search").addEventListener("submit", (event) => event.preventDefault());
byId("query").addEventListener("input", (event) => {
  state.query = event.target.value;
  showItems();
});
byId("bring").addEventListener("submit", bring);

async function start() {
  showTaken();
  const shop = await ask("api/shop").catch(() => null);
  if (shop != null) {
    state.limits = shop.limits;
    byId("text").maxLength = shop.limits.text;
    showGroups(shop.groups);
  }
  await Promise.all([recommend(), showItems()]);
}

restore();
start();
