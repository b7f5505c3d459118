/* wire.js - the stories: newest on top, copies folded under what they copy. */

const ROWS_MAX = 400; /* more than anyone scrolls through; the browser's work stays bounded */
const HELD_MAX = 400;
const OUTLETS_SHOWN = 3;

const wire = {
    rows: new Map() /* cluster -> story on the page */,
    items: new Map() /* item -> its story */,
    held: [] /* items that wait for the reader */,
    paused: false,
    unseen: 0 /* came while the page was hidden */,
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
    if (item.kind === "copy")
        lines.push(
            el(
                "p",
                { class: "why" },
                overlap(item.why),
                whySentence(item),
                ". The other is older than what this page shows.",
            ),
        );
    else if (item.why) lines.push(el("p", { class: "why" }, overlap(item.why), relation(item)));
    const facts = [`feed ${item.feed}`];
    if (item.agency) facts.push(creditText(item));
    if (item.published && Math.abs(item.published - item.seen) > 60e3)
        facts.push(
            `published ${dayKey(item.published) === dayKey(item.seen) ? clock(item.published) : stamp(item.published)}`,
        );
    facts.push(`seen ${stamp(item.seen)}`);
    if (item.past) facts.push("from before this feed was first read");
    lines.push(el("p", { class: "facts" }, ...facts.map(f => el("span", {}, foreign(f)))));
    return lines;
}

function relation(item) {
    const other = wire.items.get(item.with);
    const text = whySentence(item) + ".";
    if (!other) return text;
    return el(
        "span",
        {},
        text,
        " The other: “",
        foreign(other.item.title || ""),
        "”, ",
        foreign(outletOf(other.item)),
        ".",
    );
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
    const n = story.copies.length;
    story.fold.classList.toggle("has", n > 0);
    story.fold.replaceChildren(
        n ? plural(n, "copy", "copies") : el("span", { class: "hidden" }, "more"),
    );
}

function drawBody(story) {
    const list = story.copies.length
        ? el("ol", { class: "copies", "aria-label": "Copies" }, ...story.copies.map(copyRow))
        : null;
    story.body.replaceChildren(...detailLines(story), ...(list ? [list] : []));
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
    wire.rows.delete(story.item.cluster);
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
    drawMeta(story);
    if (story.open) drawBody(story);
    flash(story.fold);
}

function flash(element) {
    element.classList.remove("flash");
    void element.offsetWidth; /* begins the animation anew */
    element.classList.add("flash");
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
    wire.rows.set(item.cluster, story);
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
        button.textContent = `${n >= HELD_MAX ? "More than " : ""}${plural(n, "new story", "new stories")}`;
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
    const open = new Set(
        [...$("results").children].filter(r => r.story.open).map(r => r.story.item.n),
    );
    const rows = answer.items.map(item => {
        const story = makeStory(item);
        if (open.has(item.n)) unfold(story, true);
        return story.el;
    });
    $("results").replaceChildren(...rows);
    const where = answer.since
        ? `the ${count(answer.searched)} items since ${dayKey(answer.since) === dayKey(Date.now()) ? clock(answer.since) : stamp(answer.since)}`
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
