/* wire.js - the stories: newest on top, copies folded under what they copy. */

const ROWS_MAX = 400; /* more than anyone scrolls through; the browser's work stays bounded */
const HELD_MAX = 400;
const OUTLETS_SHOWN = 3;
const COPIES_MAX = 100; /* of one story; older ones are only counted */

const wire = {
    /* cluster -> story on the page; item -> its story */
    rows: new Map(),
    items: new Map(),
    /* items that wait for the reader */
    held: [],
    /* stories to be drawn anew once the items at hand are taken */
    changed: new Set(),
    paused: false,
    /* came while the page was hidden */
    unseen: 0,
};

/* --- one story -------------------------------------------------------------- */

const outletOf = item => item.outlet || item.feed;

function headline(item) {
    const text = item.title || item.text || "(without a headline)";
    const url = address(item.link);
    const words = [foreign(text + (item.title_cut ? " …" : ""))];
    return url ? outward(url, ...words) : el("span", {}, ...words);
}

function moment(ms) {
    return el("time", { datetime: new Date(ms).toISOString(), title: stamp(ms) }, clock(ms));
}

function feedLink(item) {
    return el(
        "a",
        {
            href: `#feeds?q=${encodeURIComponent(item.feed)}`,
            class: "outlet",
            title: `feed ${item.feed}`,
        },
        foreign(outletOf(item)),
    );
}

/* Two bars: how much of each text lies in the other. */
function overlap(why) {
    if (!why || !(why.this > 0 || why.other > 0)) return null;
    const box = el("span", { class: "overlap", "aria-hidden": "true" });
    for (const [name, x] of [
        ["this", why.this],
        ["other", why.other],
    ]) {
        const fill = el("i", {});
        fill.style.width = share(x).replace(" ", "");
        box.append(el("span", { class: name }, fill));
    }
    return box;
}

function creditText(item) {
    const place = PLACES[item.agency_from];
    return place ? `${item.agency} credited ${place}` : `credited to ${item.agency}`;
}

function copyRow(item) {
    return el(
        "li",
        { class: "copy", "data-item": item.item, lang: language(item.lang) },
        moment(item.seen),
        el(
            "div",
            {},
            el("p", { class: "copy-head" }, feedLink(item), " ", headline(item)),
            el("p", { class: "why" }, overlap(item.why), whySentence(item), "."),
        ),
    );
}

function detailLines(story) {
    const item = story.item;
    const lines = [];
    if (item.text && item.title)
        lines.push(el("p", { class: "text" }, foreign(item.text + (item.text_cut ? " …" : ""))));
    if (item.why) lines.push(el("p", { class: "why" }, overlap(item.why), relation(item)));
    const facts = [`feed ${item.feed}`];
    if (item.agency) facts.push(creditText(item));
    if (item.published && Math.abs(item.published - item.seen) > 60e3)
        facts.push(`published ${near(item.published, item.seen)}`);
    facts.push(`seen ${stamp(item.seen)}`);
    if (item.past) facts.push("from before this feed was first read");
    lines.push(el("p", { class: "facts" }, ...facts.map(f => el("span", {}, foreign(f)))));
    return lines;
}

/* Which other it is about, as far as this page knows it. */
function relation(item) {
    const story = wire.items.get(item.with);
    const text = whySentence(item) + ".";
    if (!story) return `${text} The other is older than what this page shows.`;
    const other = [story.item, ...story.copies].find(i => i.item === item.with) || story.item;
    const title = foreign(other.title || other.text || "");
    return el("span", {}, text, " The other: “", title, "”, ", foreign(outletOf(other)), ".");
}

const TAGS = { revision: "Revision", updated: "Update", copy: "Copy" };

function tagText(item) {
    if (item.kind !== "updated") return TAGS[item.kind];
    return item.changes && item.changes.length ? `Update: ${item.changes.join(", ")}` : "Update";
}

/* Who carries it: the first outlet, then a few of the copies', each once. */
function carriers(story) {
    const names = [];
    for (const copy of story.copies) {
        const name = outletOf(copy);
        if (name !== outletOf(story.item) && !names.includes(name)) names.push(name);
    }
    if (names.length === 0) return null;
    const also = el("span", { class: "also" }, "also ");
    names.slice(0, OUTLETS_SHOWN).forEach((n, i) => also.append(i ? ", " : "", foreign(n)));
    if (names.length > OUTLETS_SHOWN) also.append(` and ${names.length - OUTLETS_SHOWN} more`);
    return also;
}

function drawMeta(story) {
    const { item, meta } = story;
    meta.replaceChildren(
        ...[
            TAGS[item.kind] && el("span", { class: "tag" }, tagText(item)),
            feedLink(item),
            item.agency && el("span", { class: "agency", title: creditText(item) }, item.agency),
            carriers(story),
        ].filter(Boolean),
    );
    const n = story.copies.length + story.older;
    story.fold.classList.toggle("has", n > 0);
    story.fold.replaceChildren(
        n ? plural(n, "copy", "copies") : el("span", { class: "hidden" }, "more"),
    );
}

function drawBody(story) {
    const parts = detailLines(story);
    if (story.copies.length)
        parts.push(
            el("ol", { class: "copies", "aria-label": "Copies" }, ...story.copies.map(copyRow)),
        );
    if (story.older) {
        const copies = plural(story.older, "copy", "copies");
        parts.push(el("p", { class: "why" }, `${copies} came before these.`));
    }
    story.body.replaceChildren(...parts);
}

function unfold(story, open) {
    story.open = open;
    story.fold.setAttribute("aria-expanded", String(open));
    story.body.hidden = !open;
    if (open) drawBody(story);
    else story.body.replaceChildren();
}

function drawHead(story) {
    const { item } = story;
    story.el.dataset.kind = item.kind;
    const lang = language(item.lang);
    if (lang) story.title.setAttribute("lang", lang);
    story.title.replaceChildren(headline(item));
    story.time.replaceChildren(moment(item.seen));
}

let serial = 0;

function makeStory(item) {
    const id = `body-${++serial}`;
    const story = {
        item,
        copies: [],
        older: 0,
        open: false,
        time: el("div", { class: "when" }),
        title: el("h3", { id: `head-${serial}` }),
        meta: el("p", { class: "meta" }),
        fold: el("button", {
            type: "button",
            class: "fold",
            "aria-expanded": "false",
            "aria-controls": id,
            "aria-describedby": `head-${serial}`,
        }),
        body: el("div", { class: "body", id, hidden: true }),
    };
    story.el = el(
        "li",
        { class: "story", tabindex: "-1", "data-cluster": item.cluster },
        story.time,
        el("span", { class: "node", "aria-hidden": "true" }),
        el(
            "article",
            { "aria-labelledby": `head-${serial}` },
            story.title,
            el("div", { class: "under" }, story.meta, story.fold),
            story.body,
        ),
    );
    story.el.story = story;
    story.fold.addEventListener("click", () => unfold(story, !story.open));
    drawHead(story);
    drawMeta(story);
    return story;
}

/* --- the list ------------------------------------------------------------------ */

function forget(story) {
    if (wire.rows.get(story.item.cluster) === story) wire.rows.delete(story.item.cluster);
    wire.items.delete(story.item.item);
    story.copies.forEach(c => wire.items.delete(c.item));
    story.el.remove();
}

function trim() {
    const list = $("stories");
    let n = list.querySelectorAll(":scope > .story").length;
    while (n > ROWS_MAX && list.lastElementChild) {
        if (list.lastElementChild.story) {
            forget(list.lastElementChild.story);
            n--;
        } else {
            list.lastElementChild.remove();
        }
    }
}

/* A heading wherever the day changes; and a minute stands once, beside the first of its
   stories, as on paper. */
function drawDays() {
    const list = $("stories");
    let last = dayKey(Date.now()),
        minute = "";
    for (const row of [...list.children]) {
        if (!row.story) {
            if (row.classList.contains("day")) row.remove();
            continue;
        }
        const key = dayKey(row.story.item.seen);
        if (key !== last) row.before(el("li", { class: "day" }, day(row.story.item.seen)));
        const time = row.story.time.firstChild;
        time.classList.toggle("same", key === last && time.textContent === minute);
        minute = time.textContent;
        last = key;
    }
}

function addCopy(story, item) {
    story.copies.push(item);
    wire.items.set(item.item, story);
    if (story.copies.length > COPIES_MAX) {
        wire.items.delete(story.copies.shift().item);
        story.older++;
    }
    wire.changed.add(story);
}

/* However many copies came: each story is drawn once. */
function drawChanged() {
    for (const story of wire.changed) {
        drawMeta(story);
        if (story.open) drawBody(story);
        /* Two names of one animation: the other one begins anew. */
        const odd = story.fold.classList.toggle("flash-a");
        story.fold.classList.toggle("flash-b", !odd);
    }
    wire.changed.clear();
}

/* Returns the story when it belongs on top. */
function take(item) {
    if (item.kind === "copy") {
        const story = wire.rows.get(item.cluster);
        if (story) {
            addCopy(story, item);
            return null;
        }
    }
    if (item.kind === "updated") {
        const story = wire.items.get(item.item);
        if (story) return update(story, item);
    }
    const story = makeStory(item);
    if (!wire.rows.has(item.cluster)) wire.rows.set(item.cluster, story);
    wire.items.set(item.item, story);
    return story;
}

function update(story, item) {
    if (story.item.item !== item.item) {
        /* one of its copies */
        story.copies = story.copies.map(c =>
            c.item === item.item ? { ...item, kind: "copy", why: c.why } : c,
        );
        drawMeta(story);
        if (story.open) drawBody(story);
        return null;
    }
    story.item = {
        ...item,
        agency: item.agency || story.item.agency,
        agency_from: item.agency_from || story.item.agency_from,
    };
    drawHead(story);
    drawMeta(story);
    if (story.open) drawBody(story);
    const changes = item.changes || [];
    return changes.some(c => c === "headline" || c === "summary" || c === "body") ? story : null;
}

/* A reader who has scrolled down, or works in the list, is not pushed about. */
function reading() {
    return (
        wire.paused ||
        scrollY > 80 ||
        $("stories").contains(document.activeElement) ||
        document.body.dataset.view !== "wire"
    );
}

function lay(items, quietly) {
    const list = $("stories");
    const tops = [];
    for (const item of items) {
        const story = take(item);
        if (story) {
            const at = tops.indexOf(story);
            if (at >= 0) tops.splice(at, 1);
            tops.push(story);
        }
    }
    for (const story of tops.slice(-ROWS_MAX)) {
        story.el.classList.toggle("arrived", !quietly);
        list.prepend(story.el);
    }
    for (const story of tops.slice(0, Math.max(0, tops.length - ROWS_MAX))) forget(story);
    drawChanged();
    trim();
    drawDays();
    drawEmpty();
}

function bringHeld() {
    const items = wire.held;
    wire.held = [];
    drawFresh();
    lay(items, false);
}

function drawFresh() {
    const n = wire.held.filter(i => i.kind !== "copy").length;
    const button = $("fresh");
    button.hidden = n === 0 || searching();
    if (n > 0)
        button.textContent =
            (n >= HELD_MAX ? "More than " : "") + plural(n, "new story", "new stories");
}

/* What came since the last look: copies of what is on the page go under it at once. */
function arrive(items, quietly) {
    if (document.hidden) {
        wire.unseen += items.filter(i => i.kind !== "copy").length;
        drawTitle();
    }
    if (quietly || !reading()) {
        lay(wire.held.concat(items), quietly);
        wire.held = [];
    } else {
        for (const item of items) {
            const story = item.kind === "copy" && wire.rows.get(item.cluster);
            if (story) addCopy(story, item);
            else wire.held.push(item);
        }
        wire.held.splice(0, wire.held.length - HELD_MAX);
        drawChanged();
    }
    drawFresh();
    if (!quietly) say(items);
}

function noteLost(n) {
    lay(wire.held.splice(0), true);
    $("stories").prepend(
        el(
            "li",
            { class: "gap" },
            `${plural(n, "item")} went by faster than this page could take them`,
        ),
    );
}

function drawTitle() {
    document.title = wire.unseen
        ? `(${wire.unseen > 999 ? "999+" : wire.unseen}) wiredesk`
        : "wiredesk";
}

/* --- for screen readers: how many, not each of them, and not too often ----------- */

const SAY_EVERY_MS = 15000;
const unsaid = { n: 0, timer: 0, at: 0 };

function say(items) {
    unsaid.n += items.filter(i => i.kind !== "copy").length;
    if (unsaid.n === 0 || unsaid.timer) return;
    unsaid.timer = setTimeout(
        () => {
            $("said").textContent = plural(unsaid.n, "new story", "new stories");
            unsaid.n = 0;
            unsaid.timer = 0;
            unsaid.at = Date.now();
        },
        Math.max(1000, unsaid.at + SAY_EVERY_MS - Date.now()),
    );
}

/* --- search ------------------------------------------------------------------------ */

const search = { text: "", asked: 0, timer: 0 };
const searching = () => search.text !== "";

async function runSearch() {
    const asked = ++search.asked;
    const text = search.text;
    let answer;
    try {
        const r = await fetch(`/items.json?limit=200&q=${encodeURIComponent(text)}`);
        answer = await r.json();
    } catch {
        $("found").textContent =
            "The desk does not answer; the search is repeated when it is back.";
        return;
    }
    if (asked !== search.asked) return;
    drawResults(answer, text);
}

function drawResults(answer, text) {
    /* Rows that stay are the same rows: unfolded ones stay so, and focus stays where it is. */
    const rows = new Map([...$("results").children].map(row => [row.story.item.n, row]));
    const wanted = answer.items.map(item => rows.get(item.n) || makeStory(item).el);
    rows.forEach(row => wanted.includes(row) || row.remove());
    wanted.forEach((row, i) => {
        if ($("results").children[i] !== row)
            $("results").insertBefore(row, $("results").children[i] || null);
    });
    const where = answer.since
        ? `the ${count(answer.searched)} items since ${near(answer.since, Date.now())}`
        : "an empty wire";
    $("found").replaceChildren(
        answer.total ? `${count(answer.total)} of ${where} match ` : `None of ${where} matches `,
        "“",
        foreign(text),
        "”",
        answer.total > answer.items.length ? `; the newest ${answer.items.length} are shown` : "",
    );
}

function setSearch(text) {
    search.text = text.trim();
    clearTimeout(search.timer);
    const on = searching();
    for (const id of ["found", "results"]) $(id).hidden = !on;
    $("stories").hidden = on;
    drawFresh();
    drawEmpty();
    if (on) search.timer = setTimeout(runSearch, 150);
    else $("results").replaceChildren();
}
