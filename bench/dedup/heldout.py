#!/usr/bin/python3
"""bench/dedup/heldout.py - another set of copies and non-copies than the shared corpus.

Takes the stories of the captured feeds (../shared/corpus/parsing/real, read in place) and
fictional ones, and does to them what outlets do: frames, cuts, retitles, edits in several
ways at once, glues.  Beside them stand what must not merge: stubs under different titles,
templates with other facts, stories that share a quotation.  Writes JSON lines with
"cluster" (gold) and "src" (the family), in order of arrival; the same for the same seed.

usage: heldout.py SHARED [--seed N] > items.jsonl
"""
import argparse
import csv
import html
import json
import pathlib
import random
import re
import sys
import xml.etree.ElementTree as ET

BLOCK = re.compile(r"(?i)</?(p|div|br|li|ul|ol|h[1-6]|table|tr|td|blockquote|section)\b[^>]*>")


def strip(text):
    text = re.sub(r"(?is)<(script|style)\b.*?</\1>", " ", text)
    text = re.sub(r"<[^>]+>", "", BLOCK.sub("\n", text))
    return re.sub(r"[ \t]+", " ", html.unescape(text)).strip()


def stories(shared):
    folder = shared / "corpus" / "parsing" / "real"
    with open(folder / "manifest.tsv", newline="") as f:
        rows = list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))
    met, out = set(), []
    for row in rows:
        try:
            root = ET.fromstring((folder / row["file"]).read_bytes())
        except ET.ParseError:
            continue
        for item in root.iter():
            if item.tag.split("}")[-1] not in ("item", "entry"):
                continue
            field = {}
            for child in item:
                name, text = child.tag.split("}")[-1], "".join(child.itertext())
                if len(text) > len(field.get(name, "")):
                    field[name] = text
            body = max((field.get(n, "") for n in ("encoded", "content", "description", "summary")),
                       key=len)
            body = strip(html.unescape(body) if "&lt;" in body else body)
            words = body.lower().split()
            if len(words) < 70:
                continue
            grams = {tuple(words[i:i + 5]) for i in range(len(words) - 4)}
            if len(grams & met) > 0.03 * len(grams):
                continue  # one of a series, or a text the captures have twice
            met |= grams
            out.append((strip(field.get("title", "")) or "Untitled", body))
    return out


SYL = ["ka", "lo", "mi", "ren", "tas", "vor", "el", "dun", "pri", "sha", "gol", "ne", "ur", "fi"]


def name(r):
    return "".join(r.choice(SYL) for _ in range(r.randint(2, 3))).capitalize()


def sentences(text):
    return [s for s in re.split(r"(?<=[.!?。！？])\s+|\n+", text) if s.strip()]


SWAPS = {"said": "stated", "but": "however", "people": "persons", "also": "likewise", "many": "numerous",
         "about": "roughly", "more than": "over", "new": "fresh", "big": "large", "show": "reveal",
         "help": "assist", "use": "employ", "get": "obtain", "because": "since", "while": "whereas",
         "и": "а также", "но": "однако", "的": "之", "und": "sowie", "aber": "jedoch", "et": "ainsi que"}


def synonyms(r, text):
    words = text.split(" ")
    return " ".join(SWAPS.get(w, w) if r.random() < 0.7 else w for w in words)


def typos(r, text):
    words = text.split(" ")
    for i, w in enumerate(words):
        if len(w) > 4 and r.random() < 0.02:
            k = r.randrange(1, len(w) - 2)
            words[i] = w[:k] + w[k + 1] + w[k] + w[k + 2:]
    return " ".join(words)


def drop_some(r, text):
    s = sentences(text)
    keep = [x for i, x in enumerate(s) if i < 2 or r.random() > 0.2]
    return " ".join(keep)


def cut_tail(r, text):
    s = sentences(text)
    return " ".join(s[:max(3, int(len(s) * r.uniform(0.45, 0.8)))])


def insert_asides(r, text):
    s = sentences(text)
    for _ in range(r.randint(1, 3)):
        s.insert(r.randrange(1, len(s) + 1), r.choice(ASIDES).format(a=name(r), b=name(r)))
    return "\n\n".join(s)


ASIDES = ["Advertisement", "READ ALSO: {a} and {b}: what we know so far",
          "Story continues below the picture", "Sign up for our evening letter from {a}",
          "Lesen Sie auch: Was {a} jetzt plant", "Читайте также: {a} и {b}", "相关阅读：{a}", "اقرأ أيضا: {a}"]


def typography(r, text):
    text = text.replace("'", "\u2019").replace(" - ", " \u2014 ").replace("...", "\u2026")
    return re.sub(r'"([^"]*)"', "\u201c\\1\u201d", text)


def move_paragraph(r, text):
    s = sentences(text)
    if len(s) > 5:
        s.insert(2, s.pop(r.randrange(4, len(s))))
    return " ".join(s)


EDITS = [synonyms, typos, drop_some, cut_tail, insert_asides, typography, move_paragraph]


def outlet(r, i):
    """An outlet's own words around every story it carries."""
    a, b = name(r), name(r)
    heads = ["", f"{a} Times | {b} edition\nShare this on your favourite network\nPrint this page\n",
             f"By our staff at the {a} desk\nUpdated a moment ago\n", f"Home > News > {b}\n",
             f"Von der Redaktion {a}\nLesezeit wenige Minuten\n"]
    tails = ["", f"\nThe {a} Herald is owned by its readers. If you value what we do, consider a "
             f"subscription from the price of one coffee in {b}. Terms and conditions apply and you "
             "may cancel whenever you like.",
             f"\nFollow {a} on all channels. Do you have a tip for the newsroom? Write to the editors "
             f"in {b}. Comments are closed after fourteen days and moderated by volunteers.",
             f"\nMehr zum Thema finden Sie im Archiv von {a}. Alle Rechte vorbehalten. Nachdruck nur "
             f"mit Genehmigung des Verlags in {b} gestattet, auch auszugsweise."]
    return {"feed": f"{a.lower()}{i}.example", "head": r.choice(heads), "tail": r.choice(tails)}


STUBS = [
    "This article is for subscribers only. Please log in to your account or choose one of our plans to "
    "continue reading. Already a member? Sign in here.",
    "We and our {n} partners store and access information on your device, such as cookies, to show "
    "personalised content and measure audiences. By clicking accept you agree. You can change your "
    "choice at any time in the privacy settings. Accept all. Reject all. Manage options.",
    "The full text of this story is not available in the feed. Visit the site to read it.",
    "Dieser Inhalt ist Abonnenten vorbehalten. Bitte melden Sie sich an oder testen Sie unser Angebot "
    "vier Wochen lang kostenlos. Sie haben schon ein Konto? Hier geht es zur Anmeldung.",
    "Для просмотра полного текста материала необходимо оформить подписку. Уже подписаны? Войдите в свой "
    "аккаунт, чтобы продолжить чтение без ограничений и рекламы.",
    "本文为会员专享内容，请登录后继续阅读。尚未注册？立即开通会员，畅读全部文章并享受无广告阅读体验。",
    "هذا المحتوى متاح للمشتركين فقط. يرجى تسجيل الدخول لمتابعة القراءة أو اختيار إحدى باقات الاشتراك المتاحة.",
    "You have reached your limit of free articles this month. Support independent journalism in {a} by "
    "becoming a member today. Members read without limits, get our weekend letter and an invitation to "
    "the yearly open house, where the newsroom answers questions. It takes two minutes and you can stop "
    "whenever you want. Thank you to the thousands of readers who already do.",
    "Continue reading", "Listen to the episode in your favourite podcast app.",
]

TEMPLATES = [
    "{a} AG reported quarterly revenue of {n} million, up {m} percent from a year earlier. Net profit "
    "came to {k} million, or {p} cents a share. The company said it expects full-year sales of between "
    "{q} and {s} million and will pay a dividend of {t} cents. Shares of {a} closed at {u} on the {b} "
    "exchange.",
    "Weather for {a}: mostly cloudy with a high of {n} and a low of {m} degrees. Winds from the {w} at "
    "{k} kilometres an hour. Chance of rain {p} percent. Tomorrow brings sunshine with highs near {q}. "
    "Sunrise is at {t}.{u} and sunset at {s}.{p}. The pollen count in {b} is low.",
    "{a} beat {b} {n}-{m} on Saturday to move up to place {k} of the table. {c} scored in minute {p} "
    "and {d} added the second after {q} minutes. {b} stay {t}th with {u} points from {s} matches. The "
    "next match of {a} is away to {e}.",
    "Die Polizei in {a} meldet einen Unfall auf der Strasse {n} bei {b}. Gegen {m} Uhr stiess ein "
    "{k}-jaehriger Fahrer mit dem Wagen einer {p}-jaehrigen Frau aus {c} zusammen. Der Schaden betraegt "
    "rund {q}00 Euro. Die Strasse war {t} Stunden gesperrt.",
    "В {a} задержан {n}-летний житель города {b}. По данным следствия, мужчина похитил {m} тысяч рублей "
    "у {k}-летней пенсионерки. Возбуждено уголовное дело. Подозреваемому грозит до {p} лет лишения "
    "свободы, сообщили в пресс-службе управления по {c}.",
    "{a}股份有限公司公告，第三季度实现营业收入{n}.{m}亿元，同比增长{k}.{p}%；净利润{q}亿元，同比增长{t}%。"
    "公司拟每10股派发现金红利{u}元。截至收盘，公司股价报{s}元。",
    "Obituary: {c} {d} of {a} died peacefully at home aged {n}. Born in {b}, {c} worked for {m} years as "
    "a teacher and leaves {k} children and {p} grandchildren. The service will be held at the chapel of "
    "{e} at {t} o'clock. Flowers may be sent to the family.",
    "The {a} district court sentenced a {n}-year-old man from {b} to {m} years in prison on Tuesday. "
    "The court found it proven that he had defrauded {k} customers of a {c} company of {p} million "
    "over {q} months. The prosecutor had asked for {s} years. The ruling can be appealed to the {d} "
    "court of appeal within {t} days.",
    "Die Boerse in {a} hat am Mittwoch fester geschlossen. Der Leitindex gewann {n},{m} Prozent auf "
    "{k}{p} Punkte. An der Spitze standen die Aktien von {b} mit einem Plus von {q} Prozent, am Ende "
    "lagen {c} mit einem Minus von {s} Prozent. Der Umsatz betrug {t} Milliarden.",
    "Fixtures this weekend: {a} v {b}, Saturday {n}.{m}; {c} v {d}, Saturday {k}.{p}; {e} v {a} second "
    "team, Sunday {q}.{s}. Referees will be named on Friday. Tickets from {t}.",
    "تعلن بلدية {a} عن انقطاع المياه يوم {n} من الساعة {m} حتى الساعة {k} بسبب أعمال الصيانة في حي {b}. "
    "وتدعو البلدية السكان إلى تخزين كمية كافية من المياه، وللاستفسار الاتصال بالرقم {p}{q}.",
    "気象庁によると、{n}日{m}時{k}分ごろ、{a}県を震源とする地震があった。震源の深さは約{p}キロ、地震の規模は"
    "マグニチュード{q}.{s}と推定される。{b}市で震度{t}を観測した。この地震による津波の心配はない。",
    "{a} 기상청은 내일 아침 최저기온이 {n}도, 낮 최고기온이 {m}도라고 예보했다. {b} 지역에는 {k}밀리미터의 비가 "
    "내리겠고 바람은 초속 {p}미터로 불겠다. 바다의 물결은 {q}미터로 일겠다.",
    "Lottery results: the numbers drawn on day {n} were {m}, {k}, {p}, {q}, {s} and {t}. The jackpot of "
    "{u} million was won by a ticket sold in {a}. The next draw is worth {w}.",
]


def fill(r, template):
    return template.format(a=name(r), b=name(r), c=name(r), d=name(r), e=name(r),
                           w=r.choice(["north", "south", "west", "east"]),
                           **{k: r.randint(2, 99) for k in "nmkpqstu"})


# Fictional words with a frequency like a language's; enough to test scripts, not style.
SCRIPTS = {
    "ja": ("のはをがにでとへもや", "山川田中本木村市県東西南北大小高新政府首相会議経済発表調査計画企業技術研究開発"
           "地震台風電車空港病院学校警察裁判選挙投票国会予算税金年金雇用賃金物価株価", "。", ""),
    "ko": (None, "대통령은 정부가 서울에서 오늘 발표한 계획에 따라 경제 성장을 위해 새로운 정책을 추진하고 있다고 밝혔다 "
           "시장 기업 기술 연구 개발 회의 국회 예산 의원들은 논의했다 주민들이 항의하며 조사를 요구했다 경찰이 사건을 "
           "수사하고 법원은 판결을 내렸다 학교 병원 공항 교통 환경 문제를 해결하려는 노력이 계속된다", ".", " "),
    "th": (None, "รัฐบาล ประกาศ แผน เศรษฐกิจ ใหม่ เพื่อ ช่วยเหลือ ประชาชน ใน จังหวัด ภาคเหนือ นายกรัฐมนตรี "
           "กล่าวว่า จะ เพิ่ม งบประมาณ สำหรับ โรงเรียน โรงพยาบาล และ ถนน ตำรวจ สอบสวน คดี ศาล ตัดสิน นักวิจัย พบ "
           "วิธี ลด มลพิษ น้ำท่วม ชาวบ้าน เรียกร้อง ให้ แก้ไข ปัญหา ตลาด หุ้น ราคา ทองคำ เพิ่มขึ้น", " ", ""),
}


def fictional(r, language):
    glue, stock, stop, space = SCRIPTS[language]
    words = stock.split() if " " in stock else list(stock)
    out = []
    for _ in range(r.randint(8, 16)):
        line = []
        for _ in range(r.randint(8, 15)):
            line.append(r.choice(words) + (r.choice(words) if glue else ""))
            if glue:
                line.append(r.choice(glue))
            if r.random() < 0.08:
                line.append(str(r.randint(2, 999)))
        out.append(space.join(line) + stop)
    return "\n".join(out)


class Paper:
    def __init__(self, seed):
        self.r, self.items, self.n = random.Random(seed), [], 0
        self.outlets = [outlet(self.r, i) for i in range(90)]

    def put(self, at, family, cluster, title, body, feed=None, where=None):
        o = feed or self.r.choice(self.outlets)
        self.n += 1
        text = (o["head"] + body + o["tail"]) if where is None else body
        self.items.append((at, {"id": f"h{self.n:05}", "feed": o["feed"],
                                "url": f"https://{o['feed']}/{self.n}", "title": title, "summary": "",
                                "content_text": text, "published": "2026-09-01T00:00:00Z",
                                "lang": "", "cluster": cluster, "src": family}))


def copies(p, base):
    r = p.r
    for n, (title, body) in enumerate(base):
        at, cluster = r.random(), f"b{n}"
        first = r.choice(p.outlets)
        p.put(at, "base", cluster, title, body, first)
        if r.random() > 0.3:
            continue
        for k in range(r.choice([1, 1, 1, 2, 4])):
            text, used = body, r.sample(EDITS, r.randint(1, 4))
            for edit in used:
                text = edit(r, text)
            o = r.choice([x for x in p.outlets if x is not first])
            p.put(at + 0.001 * (k + 1) + r.random() * 0.05, f"edit{len(used)}", cluster,
                  title if r.random() < 0.4 else f"{name(r)}: {title[:30]}", text, o)


def teasers(p, base):
    r = p.r
    for n, (title, body) in enumerate(base):
        words = body.split()
        if len(words) < 90 or r.random() > 0.06:
            continue
        k = r.randint(25, 45)
        at = next(a for a, i in p.items if i["cluster"] == f"b{n}")
        p.put(at + 0.002, "teaser", f"b{n}", title if r.random() < 0.6 else name(r) + " " + title,
              " ".join(words[:k]) + r.choice([" ...", "", " [\u2026]", " Read more"]), where="bare")


def glued(p, base):
    r = p.r
    for n in range(0, len(base) - 1, 40):
        (title, body), (_, second) = base[n], base[n + 1]
        at = max(a for a, i in p.items if i["cluster"] in (f"b{n}", f"b{n + 1}") and i["src"] == "base")
        p.put(at + 0.06, "glued", f"b{n}", title, body + "\n\n" + " ".join(sentences(second)[:4]))


def fog(r, base, n):
    """n words of a language in an order that no story has."""
    while True:  # a "word" of a script without spaces would be a sentence, and a copy
        body = r.choice(base)[1]
        words = body.split()
        if max(map(len, words)) < 40:
            break
    return " ".join(r.choice(words) for _ in range(n))


def strangers(p, base):
    r = p.r
    for o in r.sample(p.outlets, 40):
        stub = r.choice(STUBS).format(n=r.randint(40, 900), a=name(r))
        for _ in range(r.randint(2, 9)):
            title, _body = r.choice(base)
            p.put(r.random(), "stub", f"s{p.n}", f"{name(r)} {name(r)}: {title[:40]}", stub, o, "bare")
    for t in TEMPLATES:
        series = r.sample(p.outlets, 3)
        for _ in range(30):
            body = fill(r, t)
            at = r.random()
            cluster = f"t{p.n}"
            title = body[:40]
            p.put(at, "template", cluster, title, body, r.choice(series))
            if r.random() < 0.25:
                p.put(at + 0.01, "template", cluster, title, body, r.choice(p.outlets))
    for n in range(0, len(base) - 2, 60):  # a shared quotation or background, nothing else
        quote = " ".join(sentences(base[n][1])[:2])[:400]
        for k in (1, 2):
            p.put(r.random(), "quote", f"q{n}{k}", base[n + k][0] + " again",
                  fog(r, base, 100) + " " + quote + " " +
                  fog(r, base, 90))
    for n in range(25):  # a day's digest: the leads of many
        leads = [" ".join(b.split()[:50])[:400] for _, b in r.sample(base, 6)]
        p.put(r.random(), "digest", f"d{n}", f"The day in brief, {n}", "\n\n".join(leads))


CORRECTION = ("Correction: an earlier version of this article misspelt the name of {a} {b}. The "
              "article was amended on day {n} to make clear that the meeting took place in {a}.")


def later_lives(p, base):
    """What becomes of a story: corrected at its foot (a copy), told as it goes on (each entry on
    top of the ones before: one text), cut off in the middle of a word (a copy); and what only
    looks like it: a translation's worth of other words under the same title, a correction alone,
    a long disclaimer under other stories."""
    r = p.r
    picked = r.sample(range(len(base)), 160)
    whose = {}
    for at, item in p.items:
        if item["src"] == "base":
            whose[item["cluster"]] = at
    for n in picked[:40]:
        title, body = base[n]
        note = CORRECTION.format(a=name(r), b=name(r), n=r.randint(2, 30))
        p.put(whose[f"b{n}"] + 0.003, "corrected", f"b{n}", title, body + "\n\n" + note)
        p.put(r.random(), "correction", f"c{n}", f"Correction: {name(r)}", note, where="bare")
    for n in picked[40:80]:
        title, body = base[n]
        cut = body[:max(400, int(len(body) * r.uniform(0.4, 0.7)))]
        p.put(whose[f"b{n}"] + 0.003, "cut", f"b{n}", title + "...", cut)
    for n in picked[80:120]:
        title, _body = base[n]
        p.put(r.random(), "other words", f"o{n}", title, fog(r, base, 180))
    disclaimer = fog(r, base, 90)
    for n in picked[120:]:
        o = r.choice(p.outlets)
        p.put(r.random(), "disclaimer", f"i{n}", base[n][0] + " again",
              fog(r, base, 70) + "\n" + disclaimer, o)


def other_scripts(p):
    r = p.r
    for language in SCRIPTS:
        for n in range(60):
            body, at, cluster = fictional(r, language), r.random(), f"{language}{n}"
            p.put(at, language, cluster, body[:14], body)
            for k in range(r.choice([0, 1, 2])):
                lines = body.split("\n")
                text = "\n".join(x for i, x in enumerate(lines) if i < 3 or r.random() > 0.2)
                p.put(at + 0.01 * (k + 1), language, cluster, lines[1][:12], text)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("shared", type=pathlib.Path)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    p = Paper(given.seed)
    base = stories(given.shared)
    p.r.shuffle(base)
    copies(p, base)
    teasers(p, base)
    glued(p, base)
    strangers(p, base)
    later_lives(p, base)
    other_scripts(p)
    p.items.sort(key=lambda x: x[0])
    for _, item in p.items:
        sys.stdout.write(json.dumps(item, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
