/* desk.js - figures and plots: how the daemon is. */

const SAMPLES_MAX = 360;
const COLUMNS = 60;
const SVG = "http://www.w3.org/2000/svg";
/* A sample's places, as daemon/page/trend.c writes them. */
const AT = 0,
    NEW = 1,
    COPY = 2,
    REVISION = 3,
    UPDATED = 4,
    POLLS = 5,
    UNCHANGED = 6,
    LAG = 7,
    OUTBOX = 8,
    SIZE = 9; /* of a column */

const desk = { state: null, samples: [], next: 0, sampleMs: 10000 };

function takeState(state) {
    desk.state = state;
    desk.sampleMs = state.sample_ms;
    const from = state.sample - state.samples.length;
    if (from > desk.next || state.sample < desk.next) /* a hole, or another life */ return false;
    const fresh = state.samples.slice(desk.next - from);
    desk.samples.push(...fresh);
    desk.samples.splice(0, desk.samples.length - SAMPLES_MAX);
    desk.next = state.sample;
    if (fresh.length) drawPlots();
    drawDesk();
    return true;
}

async function loadHour() {
    try {
        const state = await (await fetch("/state.json")).json();
        desk.samples = [];
        desk.next = state.sample - state.samples.length;
        takeState(state);
    } catch {
        /* the stream says that the desk is away */
    }
}

/* --- figures ------------------------------------------------------------------ */

function figure(key, name, value, note, tone) {
    let box = $("figures").querySelector(`[data-key="${key}"]`);
    if (!box) {
        box = el(
            "div",
            { "data-key": key },
            el("dt", {}, name),
            el("dd", {}, el("b", {}), el("span", {})),
        );
        $("figures").append(box);
    }
    box.dataset.tone = tone || "";
    box.querySelector("b").textContent = value;
    box.querySelector("span").textContent = note || "";
}

function drawFigures(s) {
    const { items, feeds, polls, outbox } = s;
    const told = items.new + items.copy + items.revision + items.updated;
    figure("new", "Stories", count(items.new), "told as new");
    figure(
        "copy",
        "Copies",
        count(items.copy),
        told ? `${share(items.copy / told)} of what came` : "folded away",
    );
    figure(
        "updated",
        "Updates",
        count(items.updated),
        items.revision ? plural(items.revision, "revision") : "and no revision",
    );
    figure(
        "feeds",
        "Feeds",
        count(feeds.all),
        feeds.failing ? `${count(feeds.failing)} in trouble` : "none in trouble",
        feeds.failing ? "warn" : "",
    );
    figure(
        "polls",
        "Polls",
        count(polls.all),
        polls.all
            ? `${share((polls.not_modified + polls.same_body) / polls.all)} unchanged`
            : "none yet",
    );
    figure(
        "outbox",
        "Outbox",
        count(outbox.items),
        outbox.redis ? "Redis takes events" : "Redis is away",
        outbox.redis ? "" : "bad",
    );
}

function drawDesk() {
    const s = desk.state;
    const { feeds } = s;
    drawFigures(s);
    const parts = [
        plural(feeds.all, "feed"),
        `${count(feeds.failing)} failing`,
        `outbox ${count(s.outbox.items)}`,
    ];
    $("health").textContent = s.trouble
        ? s.trouble.charAt(0).toUpperCase() + s.trouble.slice(1)
        : parts.join(", ");
    $("health").dataset.tone = s.trouble ? "bad" : "";
    const badge = $("nav-trouble");
    badge.hidden = feeds.failing === 0;
    badge.textContent = feeds.failing;
    badge.setAttribute("aria-label", `, ${feeds.failing} failing`);
    $("about").textContent =
        `wiredesk ${s.version}, up ${length(s.now - s.started)}. ` +
        `${count(s.index)} texts remembered, ${bytes(s.polls.bytes)} read from publishers. ` +
        `The newest ${count(s.wire.kept)} items can be searched here.`;
    drawEmpty();
}

/* --- plots ---------------------------------------------------------------------- */

function svg(name, attributes) {
    const e = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
    return e;
}

/* How many samples make a column: one for the first ten minutes, then a minute's worth. */
const perColumn = () => (desk.samples.length > COLUMNS ? 60e3 / desk.sampleMs : 1);
const span = () => (perColumn() === 1 ? "the last ten minutes" : "the last hour");

/* The samples of each column in one: sums, the worst LAG, the last OUTBOX, and SIZE, how many. */
function columns() {
    const { samples } = desk;
    const out = [];
    for (let i = COLUMNS; i > 0; i--) {
        const from = Math.max(0, samples.length - i * perColumn());
        const to = Math.max(0, samples.length - (i - 1) * perColumn());
        const c = new Array(SIZE + 1).fill(0);
        for (const s of samples.slice(from, to)) {
            for (let k = NEW; k <= UNCHANGED; k++) c[k] += s[k];
            c[LAG] = Math.max(c[LAG], s[LAG]);
            c[OUTBOX] = s[OUTBOX];
            c[AT] = s[AT];
        }
        c[SIZE] = to - from;
        out.push(c);
    }
    return out;
}

/* Of a column, a minute. */
const rate = (c, k) => (c[SIZE] ? (c[k] * 60e3) / (c[SIZE] * desk.sampleMs) : 0);

const KINDS = [
    [NEW, "new"],
    [COPY, "copy"],
    [REVISION, "revision"],
    [UPDATED, "updated"],
];
const told = c => KINDS.reduce((sum, [k]) => sum + rate(c, k), 0);

const PLOTS = [
    {
        key: "items",
        name: "Items a minute",
        value: c => (c[SIZE] ? told(c) : null),
        bars: true,
        least: 4,
        text: v => count(Math.round(v)),
        detail: m =>
            KINDS.filter(([k]) => m[k])
                .map(([k, n]) => `${m[k]} ${n}`)
                .join(", ") || "none",
    },
    {
        key: "ratio",
        name: "Unchanged answers",
        value: m => (m[POLLS] ? m[UNCHANGED] / m[POLLS] : null),
        least: 1,
        most: 1,
        text: share,
        detail: m => (m[POLLS] ? `${m[UNCHANGED]} of ${plural(m[POLLS], "poll")}` : "no polls"),
    },
    {
        key: "lag",
        name: "Loop lag",
        value: m => (m[SIZE] ? m[LAG] : null),
        least: 20,
        text: v => `${count(v)} ms`,
        detail: m => `${m[LAG]} ms at worst`,
    },
    {
        key: "outbox",
        name: "Outbox",
        value: m => (m[SIZE] ? m[OUTBOX] : null),
        least: 10,
        text: v => count(Math.round(v)),
        detail: m => `${plural(m[OUTBOX], "event")} waiting`,
    },
];

const W = 360,
    H = 56;

function barPaths(series, top) {
    const paths = [];
    const base = new Array(COLUMNS).fill(0);
    for (const [k, name] of KINDS) {
        let d = "";
        series.forEach((c, i) => {
            const height = rate(c, k);
            if (!height) return;
            const y0 = H - (base[i] / top) * H;
            const y1 = y0 - (height / top) * H;
            d += `M${i * 6 + 0.75} ${y0.toFixed(2)}V${y1.toFixed(2)}h4.5V${y0.toFixed(2)}z`;
            base[i] += height;
        });
        paths.push(svg("path", { d, class: `fill-${name}` }));
    }
    return paths;
}

function linePaths(series, plot, top) {
    let line = "",
        area = "",
        from = -1,
        last = -1;
    const close = () => {
        if (from >= 0) area += `V${H}H${from * 6}z`;
        from = -1;
    };
    series.forEach((m, i) => {
        const v = plot.value(m);
        if (v === null) return;
        const y = (H - Math.min(v / top, 1) * (H - 2)).toFixed(2);
        if (from < 0 || i - last > 5) {
            /* a hole longer than a few minutes is a hole */
            close();
            line += `M${i * 6} ${y}h3`; /* the first alone is to be seen too */
            area += `M${i * 6} ${H}V${y}h3`;
            from = i;
        } else {
            line += `L${i * 6 + 3} ${y}`;
            area += `L${i * 6 + 3} ${y}`;
        }
        last = i;
    });
    if (from >= 0) area += `V${H}H${from * 6}z`;
    return [svg("path", { d: area, class: "area" }), svg("path", { d: line, class: "line" })];
}

function makePlot(plot) {
    const drawing = svg("svg", {
        viewBox: `0 0 ${W} ${H}`,
        preserveAspectRatio: "none",
        role: "img",
    });
    plot.now = el("b", {});
    plot.note = el("span", { class: "plot-note" });
    plot.top = el("span", { class: "plot-top", "aria-hidden": "true" });
    plot.svg = drawing;
    const box = el(
        "figure",
        { class: "plot", "data-key": plot.key },
        el("figcaption", {}, el("span", {}, plot.name), plot.note, plot.now),
        el("div", { class: "plot-box" }, drawing, plot.top),
    );
    drawing.addEventListener("pointermove", e => {
        const r = drawing.getBoundingClientRect();
        plot.at = Math.max(0, Math.min(59, Math.floor(((e.clientX - r.left) / r.width) * 60)));
        drawPlot(plot, columns());
    });
    drawing.addEventListener("pointerleave", () => {
        plot.at = undefined;
        drawPlot(plot, columns());
    });
    plot.box = box;
    $("plots").append(box);
}

/* Which colour is which, where there is more than one. */
function plotKey(plot) {
    if (!desk.samples.length) return plot.bars ? ["in a few seconds"] : [];
    const names = plot.bars ? KINDS.map(([, name]) => name) : [];
    return names.map(name =>
        el("span", { class: `key key-${name}` }, name.replace("updated", "update")),
    );
}

function drawPlot(plot, series) {
    const values = series.map(plot.value);
    const highest = Math.max(0, ...values.filter(v => v !== null));
    const top = plot.most || Math.max(plot.least, highest);
    const children = plot.bars ? barPaths(series, top) : linePaths(series, plot, top);
    if (plot.at !== undefined)
        children.push(svg("path", { d: `M${plot.at * 6 + 3} 0V${H}`, class: "cursor" }));
    plot.svg.replaceChildren(...children);
    const at = plot.at === undefined ? lastKnown(values) : plot.at;
    const value = values[at];
    plot.now.textContent = value === undefined || value === null ? "–" : plot.text(value);
    if (plot.at !== undefined)
        plot.note.replaceChildren(
            series[at][SIZE] ? `${clock(series[at][AT])}  ${plot.detail(series[at])}` : "",
        );
    else plot.note.replaceChildren(...plotKey(plot));
    plot.box.toggleAttribute("data-empty", desk.samples.length === 0);
    plot.top.textContent = plot.text(top);
    plot.svg.setAttribute(
        "aria-label",
        `${plot.name}, ${span()}: now ${plot.now.textContent}, highest ${plot.text(highest)}`,
    );
}

/* The last whole minute for counts, the newest value for the rest. */
function lastKnown(values) {
    for (let i = values.length - 1; i >= 0; i--) if (values[i] !== null) return i;
    return values.length - 1;
}

function drawPlots() {
    const series = columns();
    $("span").textContent = `each plot: ${span()}`;
    for (const plot of PLOTS) {
        if (!plot.svg) makePlot(plot);
        drawPlot(plot, series);
    }
}

/* --- two short lists: what is in trouble, and what comes next ----------------------- */

function shortList(title, feeds, line) {
    return el(
        "section",
        { class: "short" },
        el("h3", {}, title),
        el(
            "ul",
            {},
            ...feeds.map(f =>
                el(
                    "li",
                    {},
                    el("a", { href: `#feeds?q=${encodeURIComponent(f.feed)}` }, foreign(f.feed)),
                    el("span", {}, line(f)),
                ),
            ),
        ),
    );
}

async function drawLists() {
    try {
        const [bad, next] = await Promise.all(
            ["state=trouble&order=failing", "order=due"].map(async q =>
                (await fetch(`/feeds.json?limit=5&${q}`)).json(),
            ),
        );
        const lists = [];
        if (bad.feeds.length)
            lists.push(
                shortList(`In trouble: ${count(bad.total)}`, bad.feeds, f =>
                    f.failing_since
                        ? `${f.reason_text}, ${length(next.now - Date.parse(f.failing_since))}`
                        : f.reason_text,
                ),
            );
        const due = next.feeds.filter(f => f.next_poll);
        if (due.length)
            lists.push(
                shortList("Next polls", due, f => {
                    const ms = Date.parse(f.next_poll) - next.now;
                    return ms > 1000 ? `in ${length(ms)}` : "now";
                }),
            );
        renew($("lists"), lists);
        desk.nextPoll = due.length ? Date.parse(due[0].next_poll) : null;
        drawEmpty();
    } catch {
        /* as above */
    }
}

/* --- what a newcomer sees before there is anything ------------------------------------ */

function drawEmpty() {
    const box = $("empty");
    const s = desk.state;
    box.hidden = $("stories").childElementCount > 0 || searching();
    if (box.hidden || !s) return;
    const say = emptyState(s);
    const key = JSON.stringify([say, s.feeds.new]);
    if (box.dataset.key === key) return;
    box.dataset.key = key;
    box.replaceChildren(el("h3", {}, say.title), ...say.text.map(t => el("p", {}, t)));
    if (say.commands) box.append(commands(say.commands));
    if (say.link) box.append(el("p", {}, el("a", { href: say.link[0] }, say.link[1])));
    if (s.feeds.new > 0) {
        const most = s.feeds.all - s.feeds.paused;
        box.append(
            el("progress", { max: most, value: most - s.feeds.new, "aria-label": "Feeds read" }),
        );
    }
}

/* What can be typed, and what it does. */
const commands = rows =>
    el(
        "dl",
        { class: "commands" },
        ...rows.map(([line, what]) =>
            el("div", {}, el("dt", {}, el("code", {}, line)), el("dd", {}, what)),
        ),
    );

const FIRST_FEED = [
    ["wiredesk feeds add https://news.example/", "finds that site’s feeds and takes one over"],
    ["wiredesk opml import LIST.opml", "takes over a subscription list, then wiredesk ctl reload"],
];

function emptyState(s) {
    const { feeds, items } = s;
    const next = desk.nextPoll ? ` The next poll is at ${clock(desk.nextPoll)}.` : "";
    if (feeds.all === 0)
        return {
            title: "No feeds yet.",
            text: ["Name one in a terminal on this machine; this page begins to roll by itself."],
            commands: FIRST_FEED,
        };
    if (feeds.new > 0 && feeds.new === feeds.all - feeds.paused)
        return {
            title: `${plural(feeds.all, "feed")}, and the first answers are on their way.`,
            text: [firstPolls(feeds)],
        };
    if (feeds.new > 0)
        return {
            title: "Nothing on the wire yet.",
            text: [
                `${count(feeds.all - feeds.new)} of ${plural(feeds.all, "feed")} have been read. ` +
                    firstPolls(feeds),
            ],
        };
    if (items.seen + items.silent > 0)
        return {
            title: "Quiet, so far.",
            text: [
                "All feeds have been read, and what they hold was known already: a story appears " +
                    `here when it is new to the desk.${next}`,
            ],
        };
    if (feeds.failing === feeds.all)
        return {
            title: feeds.all === 1 ? "The feed cannot be read." : "No feed can be read.",
            text: [
                feeds.all === 1
                    ? "It is tried again, more and more rarely."
                    : `All ${count(feeds.all)} are in trouble, each with a reason of its own; ` +
                      "they are tried again, more and more rarely.",
            ],
            link: ["#feeds?state=trouble", "Why, and when each is tried next"],
        };
    return {
        title: "Quiet, so far.",
        text: [`A story appears here the moment a feed brings it.${next}`],
    };
}

function firstPolls(feeds) {
    const s = feeds.new / Math.max(feeds.start_rate, 0.01);
    return s < 2
        ? "The rest are asked now."
        : `First polls are spread over time, ${count(feeds.start_rate)} a second, so that no ` +
              `publisher is overrun: the remaining ${count(feeds.new)} take about ` +
              `${length(s * 1000)}.`;
}
