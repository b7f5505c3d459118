/* feeds.js - the feeds, a page at a time. */

const FEEDS_PAGE = 50;
const STATES = [
    ["", "all"],
    ["trouble", "in trouble"],
    ["ok", "ok"],
    ["new", "not read yet"],
    ["paused", "paused"],
];
const STATE_WORDS = {
    ok: "ok",
    failing: "failing",
    dormant: "dormant",
    gone: "gone",
    new: "not read yet",
    paused: "paused",
};

const feeds = { text: "", state: "", order: "name", from: 0, total: 0, asked: 0, timer: 0 };

function drawChips(answer) {
    const n = answer.states;
    const all = Object.values(n).reduce((a, b) => a + b, 0);
    const of = {
        "": all,
        trouble: n.failing + n.dormant + n.gone,
        ok: n.ok,
        new: n.new,
        paused: n.paused,
    };
    const box = $("feed-states");
    if (!box.children.length)
        for (const [state] of STATES) {
            const chip = el("button", { type: "button", "data-state": state });
            chip.addEventListener("click", () => {
                feeds.state = state;
                feeds.from = 0;
                loadFeeds();
            });
            box.append(chip);
        }
    STATES.forEach(([state, word], i) => {
        const chip = box.children[i];
        chip.setAttribute("aria-pressed", String(feeds.state === state));
        chip.replaceChildren(word, " ", el("span", {}, count(of[state])));
    });
}

/* ": 3 tries in 2 h" */
function tries(f, now) {
    const since = f.failing_since && length(now - Date.parse(f.failing_since));
    if (f.failures_in_a_row > 1)
        return `: ${count(f.failures_in_a_row)} tries${since ? " in " + since : ""}`;
    return since ? `, ${since} ago` : "";
}

function stateCell(f, now) {
    const cell = el(
        "td",
        { "data-label": "State" },
        el("span", { class: "state", "data-state": f.state }, STATE_WORDS[f.state] || f.state),
    );
    if (f.reason_text) {
        const http = f.last_http_status >= 400 ? ` (HTTP ${f.last_http_status})` : "";
        cell.append(el("small", {}, `${f.reason_text}${http}${tries(f, now)}`));
    }
    return cell;
}

function when(text, now) {
    if (!text) return "–";
    const ms = Date.parse(text);
    return el(
        "time",
        { datetime: text, title: stamp(ms) },
        ms <= now ? ago(ms, now) : `in ${length(ms - now)}`,
    );
}

function nextPoll(f, now) {
    if (f.state === "paused") return "–";
    return f.next_poll && Date.parse(f.next_poll) > now + 1000 ? when(f.next_poll, now) : "now";
}

/* "next poll in 12 min, because X": X is what the first cell does not say. */
const because = text => text.split(", because ")[1] || text;

/* Which hub pushes it, until when, and when it last did. */
function hub(w, now) {
    const url = address(w.hub);
    const name = foreign(url ? url.host : w.hub);
    if (w.state !== "active") return el("small", { class: "hub" }, "not subscribed at ", name);
    return el(
        "small",
        { class: "hub" },
        w.delivers ? "pushed by " : "subscribed at ",
        name,
        w.last_delivery && ", last delivery ",
        w.last_delivery && when(w.last_delivery, now),
        w.lease_until && ", lease ends ",
        w.lease_until && when(w.lease_until, now),
    );
}

function feedRow(f, now) {
    const url = address(f.url);
    return el(
        "tr",
        {},
        el(
            "th",
            { scope: "row" },
            el(
                "a",
                {
                    href: `#wire?q=${encodeURIComponent("feed:" + f.feed)}`,
                    title: "its items on the wire",
                },
                foreign(f.feed),
            ),
            f.group && el("span", { class: "group" }, foreign(f.group)),
            el("small", {}, foreign(url ? url.host + url.pathname : f.url || "")),
        ),
        stateCell(f, now),
        el("td", { "data-label": "Newest item" }, when(f.last_new_item, now)),
        el(
            "td",
            { "data-label": "A day", class: "num" },
            f.items_per_day === undefined
                ? "–"
                : f.items_per_day < 10
                  ? f.items_per_day.toFixed(1)
                  : count(Math.round(f.items_per_day)),
        ),
        el(
            "td",
            { "data-label": "Next poll" },
            nextPoll(f, now),
            f.next_poll_text && el("small", {}, because(f.next_poll_text)),
            f.websub && hub(f.websub, now),
        ),
    );
}

async function loadFeeds() {
    clearTimeout(feeds.timer);
    const asked = ++feeds.asked;
    const q = new URLSearchParams({
        q: feeds.text,
        state: feeds.state,
        order: feeds.order,
        from: feeds.from,
        limit: FEEDS_PAGE,
    });
    let answer;
    try {
        answer = await (await fetch(`/feeds.json?${q}`)).json();
    } catch {
        return;
    }
    if (asked !== feeds.asked) return;
    drawFeeds(answer);
}

function drawFeeds(answer) {
    const body = $("feed-rows");
    drawChips(answer);
    feeds.total = answer.total;
    renew(
        body,
        answer.feeds.map(f => feedRow(f, answer.now)),
    );
    if (!answer.feeds.length)
        body.append(
            el(
                "tr",
                {},
                el(
                    "td",
                    { colspan: "5", class: "none" },
                    answer.all ? "No feed is like that." : "No feeds yet.",
                    answer.all ? "" : commands(FIRST_FEED),
                ),
            ),
        );
    const last = answer.from + answer.feeds.length;
    $("feed-page").textContent = answer.total
        ? `${count(answer.from + 1)} to ${count(last)} of ${count(answer.total)}`
        : "";
    $("feed-caption").textContent =
        answer.total === answer.all
            ? plural(answer.all, "feed")
            : `${count(answer.total)} of ${plural(answer.all, "feed")}`;
    $("feed-prev").disabled = answer.from === 0;
    $("feed-next").disabled = last >= answer.total;
    document.querySelector(".pager").hidden = answer.total <= FEEDS_PAGE;
}

function turnPage(by) {
    feeds.from = Math.max(0, feeds.from + by * FEEDS_PAGE);
    loadFeeds();
    $("feeds-title").scrollIntoView({ block: "nearest" });
}
