/* page.js - the stream, the views, the keys. */

const FLUSH_MS = 250; /* what comes in between is laid out at once */
const SILENT_MS = 6000; /* the desk speaks every second */
const RETRY_MS = [1000, 2000, 4000, 8000, 15000];

const link = {
    source: null,
    last: "",
    heard: 0,
    tries: 0,
    timer: 0,
    since: 0,
    behind: 0,
    queue: [],
    flush: 0,
    missed: 0,
};

/* --- the stream --------------------------------------------------------------- */

function setLink(state, text) {
    $("link").dataset.state = state;
    $("link-text").textContent = text;
}

function showAway() {
    const waits = link.next ? Math.max(0, Math.ceil((link.next - Date.now()) / 1000)) : 0;
    setLink("away", "not connected");
    $("banner").hidden = false;
    /* Said once to screen readers; the seconds count on for the eye only. */
    if (!$("banner").dataset.on) {
        $("banner").dataset.on = "1";
        $("banner").replaceChildren(
            `Not connected to the desk since ${clock(link.since)}. ` +
                "What you see stays; what you miss is fetched. ",
            el("span", { id: "again", "aria-hidden": "true" }),
        );
    }
    $("again").textContent = waits ? `Next try in ${waits} s.` : "Trying now.";
}

function showBack() {
    const was = $("banner").dataset.on;
    delete $("banner").dataset.on;
    $("banner").hidden = true;
    setLink(wire.paused ? "paused" : "live", wire.paused ? "paused" : "live");
    if (was) $("said").textContent = "Connected again.";
}

function lost() {
    if (link.source) link.source.close();
    link.source = null;
    link.since = link.since || Date.now();
    const wait = RETRY_MS[Math.min(link.tries++, RETRY_MS.length - 1)];
    link.next = Date.now() + wait;
    clearTimeout(link.timer);
    link.timer = setTimeout(connect, wait);
    showAway();
}

function connect() {
    const source = new EventSource(
        link.last ? `/events?after=${encodeURIComponent(link.last)}` : "/events",
    );
    link.source = source;
    link.heard = Date.now();
    link.next = 0;
    source.addEventListener("hello", e => {
        link.behind = link.quiet ? 0 : JSON.parse(e.data).behind;
        link.quiet = true; /* only the first past is laid down without a word */
        link.tries = 0;
        link.since = 0;
        heard(source);
        showBack();
        loadHour();
        drawLists();
    });
    source.addEventListener("state", e => {
        heard(source);
        if (!takeState(JSON.parse(e.data))) loadHour();
    });
    source.addEventListener("item", e => {
        heard(source);
        link.last = e.lastEventId;
        link.queue.push(JSON.parse(e.data));
        if (!link.flush) link.flush = setTimeout(flush, FLUSH_MS);
    });
    source.addEventListener("lost", e => {
        link.missed += JSON.parse(e.data).lost;
        if (!link.flush) link.flush = setTimeout(flush, FLUSH_MS);
    });
    source.onerror = () => {
        if (link.source === source) lost();
    };
}

function heard() {
    link.heard = Date.now();
}

function flush() {
    link.flush = 0;
    const items = link.queue;
    link.queue = [];
    if (link.missed) {
        noteLost(link.missed);
        link.missed = 0;
    }
    const past = items.splice(0, link.behind);
    link.behind -= past.length;
    if (past.length) arrive(past, true);
    if (items.length) arrive(items, false);
}

function watch() {
    if (link.source && Date.now() - link.heard > SILENT_MS) lost();
    else if (!link.source && $("banner").dataset.on) showAway();
}

/* --- views -------------------------------------------------------------------- */

const VIEWS = ["wire", "feeds", "desk"];

function route(event) {
    const [name, query] = location.hash.slice(1).split("?");
    if (name === "main") {
        /* the skip link */
        $("main").focus();
        return;
    }
    const view = VIEWS.includes(name) ? name : "wire";
    const asked = new URLSearchParams(query || "");
    const q = asked.get("q");
    const was = document.body.dataset.view;
    document.body.dataset.view = view;
    $("view-wire").hidden = view === "feeds";
    $("view-feeds").hidden = view !== "feeds";
    for (const a of document.querySelectorAll("[data-view]"))
        if (a.tagName === "A") {
            if (a.dataset.view === view) a.setAttribute("aria-current", "page");
            else a.removeAttribute("aria-current");
        }
    if (view === "wire" && q !== null) {
        $("q").value = q;
        setSearch(q);
    }
    if (view === "feeds") {
        if (q !== null || asked.has("state")) {
            $("feed-q").value = q || "";
            Object.assign(feeds, { text: q || "", state: asked.get("state") || "", from: 0 });
        }
        loadFeeds();
    }
    if (event && was !== view) {
        $(`${view}-title`).focus({ preventScroll: true });
        scrollTo(0, 0);
    }
    drawFresh();
}

/* --- theme, pause ---------------------------------------------------------------- */

const THEMES = ["auto", "light", "dark"];

function setTheme(theme) {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    $("theme").textContent = `Theme: ${theme}`;
    store.set("theme", theme);
}

function nextTheme() {
    const now = document.documentElement.dataset.theme || "auto";
    setTheme(THEMES[(THEMES.indexOf(now) + 1) % THEMES.length]);
}

function setPaused(paused) {
    wire.paused = paused;
    $("pause").setAttribute("aria-pressed", String(paused));
    $("pause").textContent = paused ? "Resume" : "Pause";
    if (link.source) showBack();
    if (!paused) showHeld();
}

function showHeld() {
    scrollTo(0, 0);
    bringHeld();
}

/* --- keys --------------------------------------------------------------------------- */

function currentStory() {
    const row = document.activeElement && document.activeElement.closest(".story");
    return row ? row.story : null;
}

function step(by) {
    const list = searching() ? $("results") : $("stories");
    const rows = [...list.querySelectorAll(":scope > .story")];
    const story = currentStory();
    const at = story ? rows.indexOf(story.el) + by : by > 0 ? 0 : -1;
    const row = rows[Math.max(0, Math.min(rows.length - 1, at))];
    if (!row || at < 0) return;
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
}

const KEYS = {
    j: () => step(1),
    k: () => step(-1),
    x: () => {
        const s = currentStory();
        if (s) unfold(s, !s.open);
    },
    Enter: () => {
        const s = currentStory();
        const a = s && s.title.querySelector("a");
        if (a) a.click();
    },
    n: () => {
        if (document.activeElement) document.activeElement.blur();
        showHeld();
    },
    p: () => setPaused(!wire.paused),
    t: nextTheme,
    "/": () => {
        location.hash = "#wire";
        $("q").focus();
        $("q").select();
    },
    "?": () => $("help").showModal(),
    1: () => {
        location.hash = "#wire";
    },
    2: () => {
        location.hash = "#feeds";
    },
    3: () => {
        location.hash = "#desk";
    },
};

function onKey(e) {
    if (e.ctrlKey || e.metaKey || e.altKey || $("help").open) return;
    const field = e.target.closest("input, select, textarea");
    if (e.key === "Escape" && (e.target === $("q") || searching())) {
        $("q").value = "";
        $("q").blur();
        history.replaceState(null, "", "#wire");
        setSearch("");
        return;
    }
    if (field || !$("keys-on").checked || !Object.hasOwn(KEYS, e.key)) return;
    if (e.key === "Enter" && !e.target.classList.contains("story"))
        return; /* links and buttons know what to do */
    e.preventDefault();
    KEYS[e.key]();
}

/* --- beginning ------------------------------------------------------------------------ */

function listen() {
    addEventListener("hashchange", route);
    addEventListener("keydown", onKey);
    addEventListener(
        "scroll",
        () => {
            if (wire.held.length && !reading()) bringHeld();
        },
        { passive: true },
    );
    document.addEventListener("visibilitychange", () => {
        if (!document.hidden) {
            wire.unseen = 0;
            drawTitle();
        }
    });
    $("search").addEventListener("submit", e => {
        e.preventDefault();
        setSearch($("q").value);
    });
    $("q").addEventListener("input", () => setSearch($("q").value));
    $("feed-form").addEventListener("submit", e => e.preventDefault());
    $("feed-q").addEventListener("input", () => {
        Object.assign(feeds, { text: $("feed-q").value.trim(), from: 0 });
        clearTimeout(feeds.timer);
        feeds.timer = setTimeout(loadFeeds, 150);
    });
    $("feed-order").addEventListener("change", () => {
        Object.assign(feeds, { order: $("feed-order").value, from: 0 });
        loadFeeds();
    });
    $("feed-prev").addEventListener("click", () => turnPage(-1));
    $("feed-next").addEventListener("click", () => turnPage(1));
    $("fresh").addEventListener("click", () => {
        showHeld();
        $("wire-title").focus({ preventScroll: true });
    });
    $("pause").addEventListener("click", () => setPaused(!wire.paused));
    $("theme").addEventListener("click", nextTheme);
    $("help-open").addEventListener("click", () => $("help").showModal());
    $("keys-on").checked = store.get("keys") !== "off";
    $("keys-on").addEventListener("change", () =>
        store.set("keys", $("keys-on").checked ? "on" : "off"),
    );
}

setTheme(THEMES.includes(store.get("theme")) ? store.get("theme") : "auto");
listen();
route();
drawPlots();
connect();
setInterval(watch, 1000);
setInterval(drawLists, 15000);
setInterval(drawPlots, 10000);
setInterval(() => {
    if (document.body.dataset.view === "feeds" && !document.hidden) loadFeeds();
}, 5000);
setInterval(() => {
    if (searching() && link.source && !document.hidden) runSearch();
}, 5000);
