/* words.js - numbers, times and verdicts in words; and elements that only ever hold text. */

const $ = id => document.getElementById(id);

/* Text goes in as text nodes; there is no other way in (Trusted Types forbid the rest). */
function el(name, attributes, ...children) {
    const e = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {}))
        if (value !== undefined && value !== null && value !== false)
            e.setAttribute(key, value === true ? "" : value);
    e.append(...children.filter(c => c !== undefined && c !== null && c !== ""));
    return e;
}

/* A feed's words: isolated, so that no bidirectional trick reaches what stands beside them. */
const foreign = text => el("bdi", {}, text);

/* New children; who stood on a link among the old ones stands on its like among the new. */
function renew(parent, children) {
    const at = parent.contains(document.activeElement) && document.activeElement;
    const href = at && at.getAttribute("href");
    parent.replaceChildren(...children);
    if (href) {
        const again = [...parent.querySelectorAll("a")].find(a => a.getAttribute("href") === href);
        if (again) again.focus({ preventScroll: true });
    }
}

const store = {
    get(key) {
        try {
            return localStorage.getItem("wiredesk." + key);
        } catch {
            return null;
        }
    },
    set(key, value) {
        try {
            localStorage.setItem("wiredesk." + key, value);
        } catch {
            /* private */
        }
    },
};

const two = n => String(n).padStart(2, "0");
const count = n => n.toLocaleString("en");
const plural = (n, one, many) => `${count(n)} ${n === 1 ? one : many || one + "s"}`;
const share = x => `${Math.round(x * 100)} %`;

function clock(ms) {
    const d = new Date(ms);
    return `${two(d.getHours())}:${two(d.getMinutes())}`;
}

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

function day(ms) {
    const d = new Date(ms);
    return `${DAYS[d.getDay()]} ${d.getDate()} ${MONTHS[d.getMonth()]}`;
}

const dayKey = ms => new Date(ms).toDateString();

function stamp(ms) {
    const d = new Date(ms);
    return `${day(ms)}, ${clock(ms)}:${two(d.getSeconds())}`;
}

/* The time alone on the day of `other`, the day with it on others. */
const near = (ms, other) => (dayKey(ms) === dayKey(other) ? clock(ms) : stamp(ms));

function length(ms) {
    const s = Math.max(0, Math.round(ms / 1000));
    if (s < 60) return `${s} s`;
    const m = Math.floor(s / 60);
    if (m < 60) return `${m} min`;
    const h = Math.floor(m / 60);
    if (h < 48) return m % 60 && h < 10 ? `${h} h ${m % 60} min` : `${h} h`;
    return `${Math.floor(h / 24)} days`;
}

const ago = (ms, now) => `${length(now - ms)} ago`;

function bytes(n) {
    for (const unit of ["B", "KB", "MB", "GB"]) {
        if (n < 1000 || unit === "GB")
            return `${n < 10 && unit !== "B" ? n.toFixed(1) : Math.round(n)} ${unit}`;
        n /= 1000;
    }
}

/* An address as a link may have it, or null. */
function address(text) {
    try {
        const url = new URL(text);
        return url.protocol === "http:" || url.protocol === "https:" ? url : null;
    } catch {
        return null;
    }
}

function outward(url, ...children) {
    return el("a", { href: url.href, rel: "noopener noreferrer", target: "_blank" }, ...children);
}

/* BCP 47's shape, so that a screen reader takes the right voice. */
const language = text =>
    /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(text || "") ? text : undefined;

/* --- why, in words ------------------------------------------------------------- */

const RULES = {
    "same-guid": "A copy, for its feed gives it the same id",
    "same-canonical-link": "A copy, for it leads to the same page",
    "exact-text": "A copy, word for word",
    "shingle-containment": "A copy, for the texts run alike",
    title: "A copy by its headline, with hardly any text beside it",
};

const NOTES = {
    "too-little-in-common": "too little in common",
    "too-thin": "too short to be sure",
    "passage-inside-another": "only a passage is shared",
    "passage-replaced": "a passage was replaced",
    "numbers-differ": "the numbers differ",
    "names-differ": "the names differ",
    "same-template": "the same template with other facts",
    "titles-unrelated": "the headlines speak of different things",
    digest: "a digest of several stories",
    "untrusted-source": "this feed is not trusted to fold a story away",
    "unlike-its-root": "too unlike the first of them",
};

const PLACES = {
    byline: "in the byline",
    dateline: "in the dateline",
    copyright: "in the copyright line",
    "source-element": "named as the source",
    "link-domain": "by the link",
    trailer: "in the sign-off",
    text: "in the text",
};

/* "91 % of this text is in the other, 79 % of the other in this; 73 words in one run; ..." */
function measures(why) {
    const parts = [];
    if (why.this > 0 || why.other > 0)
        parts.push(
            `${share(why.this)} of this text is in the other, ` +
                `${share(why.other)} of the other in this`,
        );
    if (why.run > 0) parts.push(`${plural(why.run, "word")} in one run`);
    if (why.numbers > 0)
        parts.push(
            `${why.agreed} of ${plural(why.numbers, "number")} ` +
                (why.numbers === 1 ? "agrees" : "agree"),
        );
    return parts.join("; ");
}

function whySentence(item) {
    const why = item.why;
    if (!why) return "";
    const note = why.note ? NOTES[why.note] || why.note : "";
    const found = measures(why);
    if (item.kind === "copy")
        return [RULES[why.rule] || `A copy (${why.rule})`, found].filter(Boolean).join(": ");
    if (item.kind === "revision")
        return `Nearly the same text, yet ${note || "a fact changed"}${found ? `: ${found}` : ""}`;
    const other = `Close to another, yet a story of its own: ${note || "not close enough"}`;
    return found ? `${other} (${found})` : other;
}
