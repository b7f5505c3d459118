"""The status page in a real browser: it rolls, it is read by anyone, and hostile words stay words.

Screenshots go to build/page/.  Without a Chromium these tests are skipped with a line; where CI
is set (or WIREDESK_REQUIRE_CORPUS, as .ci/run does) that is a failure.
"""
import json
import os
import socket
import time

import pytest

import browser as browser_module
import stories
from corpus import PROJECT
from hub import Hub, free_port

SHOTS = PROJECT / "build" / "page"
AXE = PROJECT / "build" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
WIDE, PHONE = (1280, 860), (360, 740)


def missing(what):
    """Skips, or fails where nothing may be missing."""
    if os.environ.get("CI") or os.environ.get("WIREDESK_REQUIRE_CORPUS"):
        pytest.fail(f"{what}: run scripts/install-deps test")
    pytest.skip(f"{what}: scripts/install-deps test brings it")


@pytest.fixture(scope="module")
def browser():
    if not browser_module.find():
        missing("there is no Chromium")
    b = browser_module.Browser()
    yield b
    b.close()


@pytest.fixture
def chromium(browser):
    yield browser
    browser.close_pages()


@pytest.fixture
def port():
    """Stays the same over a restart of the daemon."""
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


LONG = stories.text("the long one", 120)
ITEMS = [
    stories.story("ferry", title="Ferry runs aground in fog off Port Elsin",
                  body="PORT ELSIN, March 10 (Reuters) - " + LONG),
    stories.story("bread", title="Bakeries expect a hard winter"),
    stories.story("comet", title="Comet visible until Thursday"),
]
COPY = [stories.story("copied", title=ITEMS[0]["title"], body=LONG)]


@pytest.fixture
def newsroom(desk, web, port):
    """A daemon with a wire, a paper that copies it, a feed that is broken and one that rests."""
    feeds = {
        "harbour-courier": {"url": web.put("/a", stories.rss(ITEMS, "The Harbour Courier")),
                            "interval": "1s", "group": "coast"},
        "inland-post": {"url": web.put("/b", stories.rss([], "Inland Post")), "interval": "1s"},
        "broken-wire": {"url": web.put("/c", status=404), "interval": "1h"},
        "resting": {"url": web.put("/d", stories.rss([])), "paused": True},
    }
    daemon = desk(feeds, control={"listen": f"127.0.0.1:{port}"}).start()
    daemon.wait(lambda: web.requests("/b"), "the feeds are asked")
    return daemon


ROWS = "document.querySelectorAll('#stories .story').length"


def opened(chromium, port, size=WIDE, rows=3, hash_="", **more):
    page = chromium.page(*size, touch=size is PHONE, **more)
    page.goto(f"http://localhost:{port}/{hash_}")
    page.wait(f"{ROWS} >= {rows}", f"{rows} stories are there")
    return page


def clean(page, port):
    """Nothing was asked of anyone else, and nothing went wrong."""
    outside = [u for u in page.requests if not u.startswith((f"http://localhost:{port}/", "data:"))]
    assert outside == [] and page.complaints == []


def test_the_wire_rolls_and_folds_copies(chromium, newsroom, web, port):
    page = opened(chromium, port)
    web.put("/b", stories.rss(COPY, "Inland Post"))
    page.wait("document.querySelector('#stories .fold.has')?.textContent === '1 copy'",
              "the copy is folded under its story")
    assert page.js(ROWS) == 3, "a copy is no row of its own"
    row = "document.querySelector('#stories .fold.has').closest('.story')"
    assert page.js(f"{row}.querySelector('h3').textContent") == ITEMS[0]["title"]
    assert "also Inland Post" in page.js(f"{row}.querySelector('.meta').textContent")
    assert page.js(f"{row}.querySelector('.agency').textContent") == "Reuters"
    page.click("#stories .fold.has")
    why = page.js(f"{row}.querySelector('.copy .why').textContent")
    assert "of this text is in the other" in why and "words in one run" in why
    web.put("/a", stories.rss([stories.story("late", title="And one more"), *ITEMS],
                              "The Harbour Courier"))
    page.wait(f"{ROWS} >= 4 || !document.getElementById('fresh').hidden", "it goes on by itself")
    page.screenshot(SHOTS / "wire-wide.png")
    clean(page, port)


def test_a_story_with_very_many_copies_stays_one_row(chromium, newsroom, web, port):
    page = opened(chromium, port)
    page.click("#stories .story:nth-child(1) .fold")
    copies = [stories.story(f"c{n}", title=ITEMS[0]["title"], body=LONG) for n in range(150)]
    web.put("/b", stories.rss(copies, "Inland Post"))
    page.wait("document.querySelector('#stories .fold.has')?.textContent === '150 copies'", "all")
    assert page.js(ROWS) == 3
    assert page.js("document.querySelectorAll('#stories .copy').length") == 100
    text = page.js("document.getElementById('stories').textContent")
    assert "50 copies came before these." in text
    clean(page, port)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_it_fits_and_looks(chromium, newsroom, port, size, scheme):
    page = opened(chromium, port, size, scheme=scheme)
    page.click("#stories .fold")
    name = f"{'wide' if size is WIDE else 'phone'}-{scheme}"
    for view in ("wire", "feeds", "desk"):
        page.js(f"location.hash = '#{view}'")
        page.wait(f"document.body.dataset.view === '{view}'", f"the view {view}")
        if view == "feeds":
            page.wait("document.querySelectorAll('#feed-rows tr').length === 4", "four feeds")
        page.screenshot(SHOTS / f"{name}-{view}.png")
        assert page.js("document.documentElement.scrollWidth") <= size[0], "no sideways scrolling"
    clean(page, port)


HOSTILE = [
    "<img src=x onerror=document.title='owned'> <b>bold</b>",
    "</script><script>document.title='owned'</script>",
    "\u202egnp.txt \u2066 isolates \u2069 \u200f marks",
    "{{page.js}} ${alert(1)} %s &lt;i&gt; &amp;amp;",
    "A" * 3000,
    "العبارة تجنح في الضباب قبالة الميناء",
]

HOSTILE_LINKS = ["javascript:document.title='owned'", 'https://wire.example/"onmouseover=x',
                 "data:text/html,x", "https://user:secret@wire.example/", "https://wire.example/a",
                 "vbscript:x"]
NOT_TEXT = "#stories :is(img, script, b, i:not(.overlap i), iframe, style)"
LINKS = ("[...document.querySelectorAll('#stories h3 a')]"
         ".map(a => [a.protocol, a.rel, a.target])")


def test_hostile_words_stay_words(chromium, desk, web, port):
    items = [stories.story(f"h{n}", title=title, link=link)
             for n, (title, link) in enumerate(zip(HOSTILE, HOSTILE_LINKS))]
    channel = "<img src=x onerror=document.title='owned'>"
    url = web.put("/h", stories.json_feed(items, channel), "json")
    daemon = desk({"hostile": {"url": url, "interval": "1s"}},
                  control={"listen": f"127.0.0.1:{port}"}).start()
    page = opened(chromium, port, rows=len(HOSTILE))
    page.js("document.querySelectorAll('#stories .fold').forEach(f => f.click())")
    assert page.js(f"document.querySelectorAll('{NOT_TEXT}').length") == 0
    titles = page.js("[...document.querySelectorAll('#stories h3')].map(h => h.textContent)")
    assert HOSTILE[0] in titles and HOSTILE[1] in titles and HOSTILE[3] in titles
    assert all(len(t) < 400 for t in titles)
    links = page.js(LINKS)
    assert len(links) >= 2
    assert all(link == ["https:", "noopener noreferrer", "_blank"] for link in links)
    isolated = page.js("[...document.querySelectorAll('#stories h3 bdi')].every("
                       "b => getComputedStyle(b).unicodeBidi === 'isolate')")
    assert isolated and page.js("document.querySelectorAll('#stories h3 bdi').length") == 6
    page.js("location.hash = '#feeds?q=' + encodeURIComponent('<img src=x>')")
    page.wait("document.querySelector('#feed-rows .none')", "no feed is like that")
    page.js(f"location.hash = '#wire?q=' + encodeURIComponent({json.dumps(channel)})")
    page.wait("document.getElementById('found').textContent.includes('onerror')", "it is searched")
    assert page.js("document.title") == "wiredesk"
    page.screenshot(SHOTS / "hostile.png")
    clean(page, port)
    assert daemon.stop() == 0


AXE_RUN = """axe.run(document, {resultTypes: ['violations'], runOnly: {type: 'tag', values:
    ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}})
    .then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html + ' ' + n.failureSummary)]))
    .then(JSON.stringify)"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_nothing(chromium, newsroom, web, port, size, scheme):
    if not AXE.exists():  # the one thing that comes by npm: a machine without npm can still build
        pytest.skip("axe-core is not there: scripts/install-deps test says why")
    web.put("/b", stories.rss(COPY, "Inland Post"))
    page = opened(chromium, port, size, scheme=scheme, bypass_csp=True)
    page.wait("document.querySelector('#stories .fold.has')", "a copy")
    page.js("document.querySelectorAll('#stories .fold').forEach(f => f.click())")
    page.js(AXE.read_text() + "; 0")
    for view in ("wire", "feeds", "desk", "help"):
        if view == "help":
            page.js("document.getElementById('help').showModal()")
        else:
            page.js(f"location.hash = '#{view}'")
            page.wait(f"document.body.dataset.view === '{view}'", f"the view {view}")
        if view == "feeds":
            page.wait("document.querySelectorAll('#feed-rows tr').length === 4", "four feeds")
        assert json.loads(page.js(AXE_RUN)) == [], view


FOCUS = "(e => e.id || e.className || e.tagName)(document.activeElement)"
OUTLINE = ("(s => [s.outlineStyle, s.outlineWidth])"
           "(getComputedStyle(document.activeElement))")
UNFOLDED = "document.activeElement.querySelector('.fold').getAttribute('aria-expanded')"


def test_it_works_by_keyboard_alone(chromium, newsroom, web, port):
    web.put("/b", stories.rss(COPY, "Inland Post"))
    page = opened(chromium, port)
    page.wait("document.querySelector('#stories .fold.has')", "a copy")
    page.key("Tab")
    assert page.js(FOCUS) == "skip", "the first stop leads past the bar"
    for _ in range(12):
        page.key("Tab")
        assert page.js(OUTLINE) == ["solid", "2px"], page.js(FOCUS)
    page.js("document.activeElement.blur()")
    for _ in range(3):
        page.key("j")
    row = "document.querySelectorAll('#stories .story')[2]"
    assert page.js(f"document.activeElement === {row}")
    page.key("k")
    assert not page.js(f"document.activeElement === {row}")
    page.key("x")
    assert page.js(UNFOLDED) == "true"
    page.key("x")
    assert page.js("document.activeElement.querySelector('.body').hidden")
    page.key("/")
    assert page.js(FOCUS) == "q"
    page.type("bakeries")
    page.wait("document.querySelectorAll('#results .story').length === 1", "one is found")
    page.key("Escape")
    assert page.js("document.getElementById('results').hidden") and page.js(ROWS) == 3
    page.key("2")
    page.wait("document.body.dataset.view === 'feeds'", "the feeds")
    page.wait("document.activeElement.id === 'feeds-title'", "focus follows")
    page.key("1")
    page.wait("document.body.dataset.view === 'wire'", "the wire")
    page.key("?")
    assert page.js("document.getElementById('help').open")
    page.key("Escape")
    page.wait("!document.getElementById('help').open", "closed by Escape")
    page.key("t")
    assert page.js("document.documentElement.dataset.theme") == "light"
    page.key("p")
    assert page.js("document.getElementById('pause').getAttribute('aria-pressed')") == "true"
    web.put("/a", stories.rss([stories.story("late", title="And one more"), *ITEMS]))
    page.wait("document.getElementById('fresh').textContent === '1 new story'", "held back")
    assert page.js(ROWS) == 3
    page.key("n")
    page.wait(f"{ROWS} === 4", "let in")
    page.js("document.getElementById('keys-on').click()")
    page.key("2")
    time.sleep(0.3)
    assert page.js("document.body.dataset.view") == "wire", "single keys can be turned off"
    clean(page, port)


def test_search_looks_in_the_last_hours(chromium, newsroom, web, port):
    web.put("/b", stories.rss(COPY, "Inland Post"))
    page = opened(chromium, port, hash_="#wire?q=FERRY")
    page.wait("document.querySelectorAll('#results .story').length === 2", "story and copy")
    assert "2 of the 4 items" in page.js("document.getElementById('found').textContent")
    page.js("location.hash = '#wire?q=feed:inland-post'")
    page.wait("document.querySelectorAll('#results .story').length === 1", "one feed's")
    page.js("location.hash = '#wire?q=nonsense'")
    page.wait("document.getElementById('found').textContent.startsWith('None of')", "none")
    clean(page, port)


def test_it_comes_back_by_itself_and_misses_nothing(chromium, newsroom, web, port):
    page = opened(chromium, port)
    newsroom.kill()
    page.wait("!document.getElementById('banner').hidden", "it says that it is not connected")
    assert "Not connected" in page.js("document.getElementById('banner').textContent")
    assert page.js("document.getElementById('link').dataset.state") == "away"
    page.screenshot(SHOTS / "away.png")
    late = stories.story("meanwhile", title="Told while nobody looked")
    web.put("/a", stories.rss([late, *ITEMS]))
    newsroom.start()
    page.wait("document.getElementById('banner').hidden", "it is connected again")
    page.wait(f"{ROWS} === 4", "what came meanwhile is there, and nothing twice")
    assert page.js("document.querySelector('#stories h3').textContent") == late["title"]
    page.complaints.clear()  # the browser itself notes the refused connections


def test_a_newcomer_is_told_what_happens(chromium, desk, web, port):
    urls = [web.put(f"/{n}", stories.rss([])) for n in range(40)]
    daemon = desk({f"f{n}": {"url": u, "interval": "1h"} for n, u in enumerate(urls)},
                  control={"listen": f"127.0.0.1:{port}"},
                  schedule={"min_interval": "1s", "start_rate": 0.5, "backfill": "all"}).start()
    page = chromium.page(*WIDE)
    page.goto(f"http://localhost:{port}/")
    page.wait("document.getElementById('empty').textContent.includes('First polls are spread')",
              "why nothing is there yet")
    page.screenshot(SHOTS / "empty.png")
    assert page.js("document.getElementById('empty').textContent").count("a second")
    daemon.config["feeds"] = {}
    daemon.write_config()
    daemon.reload()
    page.wait("document.getElementById('empty').textContent.startsWith('No feeds')", "no feeds")
    assert "wiredesk feeds add" in page.js("document.getElementById('empty').textContent")
    page.js("location.hash = '#feeds'")
    page.wait("document.getElementById('feed-rows').textContent.includes('wiredesk feeds add')",
              "the feeds say the same")
    clean(page, port)


def test_a_phone_is_told_what_is_wrong(chromium, desk, web, port):
    desk({"f": {"url": web.put("/f", stories.rss([]))}}, redis_url="unix:///tmp/wd-none.sock",
         control={"listen": f"127.0.0.1:{port}"}).start()
    page = chromium.page(*PHONE, touch=True)
    page.goto(f"http://localhost:{port}/")
    page.wait("(e => e.textContent.includes('Redis') && e.checkVisibility())"
              "(document.getElementById('health'))", "the trouble is there to see")
    assert page.js("document.documentElement.scrollWidth") <= PHONE[0]
    page.screenshot(SHOTS / "phone-trouble.png")
    clean(page, port)


def test_when_every_feed_fails_the_way_leads_to_the_reasons(chromium, desk, web, port):
    desk({f"f{n}": {"url": web.put(f"/{n}", status=404)} for n in range(3)},
         control={"listen": f"127.0.0.1:{port}"}).start()
    page = chromium.page(*WIDE)
    page.goto(f"http://localhost:{port}/")
    page.wait("document.querySelector('#empty a')", "the wire says so")
    page.click("#empty a")
    page.wait("document.querySelectorAll('#feed-rows .state[data-state=failing]').length === 3",
              "the feeds in trouble")
    assert page.js("document.querySelector('#feed-states [aria-pressed=true]').dataset.state"
                   ) == "trouble"
    assert "HTTP 404" in page.js("document.getElementById('feed-rows').textContent")
    clean(page, port)


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_feed_that_a_hub_pushes_says_so(chromium, desk, web, port, size):
    hub, callback = Hub().start(), free_port()
    url = web.url("/w")
    web.put("/w", stories.rss(ITEMS), headers=[f'Link: <{hub.url()}>; rel=hub, <{url}>; rel=self'])
    try:
        daemon = desk({"pushed": url, "polled": web.put("/p", stories.rss([]))},
                      control={"listen": f"127.0.0.1:{port}"},
                      websub={"enabled": "yes", "listen": f"127.0.0.1:{callback}",
                              "url": f"http://127.0.0.1:{callback}/"}).start()
        daemon.wait(lambda: hub.subscriptions, "subscribed")
        assert hub.deliver(stories.rss([stories.story("late", title="Pushed")])) == 202
        page = chromium.page(*size, touch=size is PHONE, bypass_csp=AXE.exists())
        page.goto(f"http://localhost:{port}/#feeds")
        hubs = "document.querySelectorAll('#feed-rows .hub')"
        page.wait(f"{hubs}.length === 1", "one is pushed")
        text = page.js(f"{hubs}[0].textContent")
        assert text.startswith("pushed by 127.0.0.1") and "last delivery" in text
        assert "lease ends in 10 days" in text or "lease ends in 9 days" in text
        assert page.js(f"{hubs}[0].checkVisibility()")
        page.screenshot(SHOTS / f"hub-{'wide' if size is WIDE else 'phone'}.png")
        clean(page, port)
        if AXE.exists():
            page.js(AXE.read_text() + "; 0")
            assert json.loads(page.js(AXE_RUN)) == []
    finally:
        hub.stop()


def test_five_thousand_feeds_stay_quick(chromium, desk, web, port):
    url = web.put("/f", stories.rss([]))
    feeds = {f"feed-{n:04}": {"url": f"{url}?{n}", "interval": "6h", "group": f"g{n % 7}"}
             for n in range(5000)}
    desk(feeds, control={"listen": f"127.0.0.1:{port}"},
         schedule={"min_interval": "1s", "start_rate": 20, "backfill": "all"}).start()
    page = chromium.page(*WIDE)
    page.goto(f"http://localhost:{port}/#feeds")
    page.wait("document.getElementById('feed-page').textContent === '1 to 50 of 5,000'", "a page")
    took = page.js("""(async () => { const t = performance.now(), by = '&limit=50&order=due';
        for (let i = 0; i < 10; i++) await (await fetch(`/feeds.json?from=${i * 500}${by}`)).json();
        return (performance.now() - t) / 10; })()""")
    print(f"a page of 5,000 feeds in their order of polls: {took:.0f} ms")
    page.click("#feed-next")
    page.wait("document.getElementById('feed-page').textContent.startsWith('51 to 100')", "next")
    page.js("document.getElementById('feed-q').focus()")
    page.type("feed-4321")
    page.wait("document.querySelectorAll('#feed-rows tr').length === 1", "one is found")
    assert page.js("document.querySelector('#feed-rows a').textContent") == "feed-4321"
    page.screenshot(SHOTS / "feeds-5000.png")
    assert page.js("document.querySelectorAll('*').length") < 3000
    clean(page, port)


ROUNDS, A_ROUND, FEEDS = 6, 20, 10  # 200 items each second


def test_two_hundred_items_a_second_do_not_drown_it(chromium, desk, web, port):
    """The page ends with the newest story on top, its work bounded, and still answers at once."""
    feeds = {f"f{n}": {"url": web.put(f"/{n}", stories.rss([])), "interval": "1s"}
             for n in range(FEEDS)}
    daemon = desk(feeds, control={"listen": f"127.0.0.1:{port}"}).start()
    page = chromium.page(*WIDE)
    page.goto(f"http://localhost:{port}/")
    page.wait("document.getElementById('link').dataset.state === 'live'", "it is live")
    page.js("""window.longest = 0; new PerformanceObserver(l => l.getEntries().forEach(e =>
        window.longest = Math.max(window.longest, e.duration))).observe({type: 'longtask'})""")
    before = page.work_s()
    items = [[] for _ in range(FEEDS)]
    for at in range(ROUNDS):
        began = time.monotonic()
        for n, mine in enumerate(items):
            mine += [stories.story(f"{n}-{at}-{k}", stories.text(f"{n}-{at}-{k}", 40),
                                   title=f"Round {at}, feed {n}, story {k}")
                     for k in range(A_ROUND)]
            web.put(f"/{n}", stories.rss(mine))
        time.sleep(max(0, began + 1 - time.monotonic()))
    ended = time.monotonic()
    page.wait(f"new Set([...document.querySelectorAll('#stories h3')].map(h => h.textContent)"
              f".filter(t => t.startsWith('Round {ROUNDS - 1}, ')).map(t => t.split(',')[1])).size"
              f" === {FEEDS}", "the last round of every feed")
    behind = time.monotonic() - ended
    work = {name: f"{1000 * (s - before[name]) / ROUNDS:.0f} ms"
            for name, s in page.work_s().items()}
    daemon.wait(lambda: page.js("fetch('/state.json').then(r => r.json())")["items"]["new"]
                == ROUNDS * A_ROUND * FEEDS, "all was told")
    assert page.js(ROWS) == 400, "the page keeps what anyone would scroll through"
    assert page.js("document.querySelectorAll('#stories .gap').length") == 0, "nothing went by"
    print(f"{A_ROUND * FEEDS} items a second: the last was shown after {behind:.1f} s; "
          f"the page's work for each second of them: {work}; "
          f"longest {page.js('window.longest'):.0f} ms; "
          f"{page.js('performance.memory.usedJSHeapSize') >> 20} MB of script")
    page.screenshot(SHOTS / "flood.png")
    clean(page, port)
    assert daemon.stop() == 0
