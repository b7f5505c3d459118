#!/usr/bin/python3
"""bench/dedup/newsday.py - a fictional day of many newsrooms: a third set of copies and non-copies.

Nothing in it is anyone's text: sentences are built from the patterns below and invented words, in
eight languages.  The families are those that the other sets have little of: live blogs, press
releases that are filled in for every town, reports by template, dated pages, list pages, corrections,
paywall teasers, spelling, boxes of related links, notices in one language under stories of another.
Writes JSON lines with "cluster" (gold) and "src" (the family), in order of arrival; the same for
the same seed.

usage: newsday.py [--seed N] > items.jsonl
"""
import argparse
import json
import random
import sys

# Per language: syllables of invented words, what joins words, and patterns of sentences.
# {w} a word, {N} a name, {d} a number.
LANGUAGES = {
    "en": ("bar cal den fos grim hul jol kel lun mor nep ost pra ros sten tur vel win", " ", [
        "The {w} of {N} said on Monday that the {w} would {w} the {w} by {d} percent.",
        "\"We have never seen such a {w} in the {w},\" said {N} {N}, who has led the {w} for {d} years.",
        "Residents of {N} had complained about the {w} since the {w} was closed in the {w}.",
        "According to the {w}, at least {d} people were {w} when the {w} hit the {w} near {N}.",
        "A spokesman for {N} declined to comment on the {w}, but confirmed that a {w} had begun.",
        "The {w}, which cost {d} million, will be opened to the {w} at the end of the {w}.",
        "In a {w} seen by the {w}, {N} told the {w} that the organisation favours a new {w} centre.",
        "{N} has {w} the {w} programme of its neighbour, and the labour {w} was not amused.",
        "It is the second {w} within {d} days, and the {w} has asked for more {w} at the {w}."]),
    "de": ("bar gen den fos grim hal jol ker lun mor neb ost pra ros stein tur wel win", " ", [
        "Der {w} von {N} erklaerte am Montag, die {w} werde den {w} um {d} Prozent {w}.",
        "Nach Angaben der {w} wurden mindestens {d} Menschen {w}, als der {w} bei {N} die {w} traf.",
        "Die {w}, die {d} Millionen Euro kostet, soll Ende des {w} fuer die {w} geoeffnet werden.",
        "{N} wollte sich zu dem {w} nicht aeussern, bestaetigte aber, dass eine {w} begonnen habe.",
        "Es ist der zweite {w} innerhalb von {d} Tagen, und {N} fordert mehr {w} an der {w}."]),
    "fr": ("bar cal den fos gri hul jol quel lun mor nep oste pra ros sten tur vel vin", " ", [
        "Le {w} de {N} a affirmé lundi que la {w} allait {w} le {w} de {d} pour cent.",
        "Selon le {w}, au moins {d} personnes ont été {w} lorsque la {w} a touché le {w} près de {N}.",
        "La {w}, qui a coûté {d} millions, sera ouverte au {w} à la fin du {w}.",
        "Un porte-parole de {N} n'a pas souhaité commenter le {w}, mais a confirmé qu'une {w} était ouverte.",
        "C'est le deuxième {w} en {d} jours, et {N} réclame davantage de {w} sur la {w}."]),
    "ru": ("бар кал ден фос гри хул жол кел лун мор неп ост пра рос стен тур вел вин", " ", [
        "{N} заявил в понедельник, что {w} сократит {w} на {d} процентов в течение {w}.",
        "По данным {w}, не менее {d} человек оказались {w}, когда {w} дошёл до {w} у города {N}.",
        "Новый {w}, который стоил {d} миллионов, откроют для {w} в конце {w}.",
        "Представитель компании {N} отказался обсуждать {w}, но подтвердил, что {w} уже началась.",
        "Это второй {w} за {d} дней, и {N} требует усилить {w} на {w}."]),
    "he": ("בר קל דן פוס גרי הול יול קל לון מור נפ אוסט פרה רוס סטן טור ול וין", " ", [
        "ראש {w} של {N} אמר ביום שני כי {w} תקצץ את {w} בשיעור של {d} אחוזים.",
        "לפי {w}, לפחות {d} בני אדם היו {w} כאשר {w} הגיע אל {w} ליד {N}.",
        "{w} החדש, שעלה {d} מיליון, ייפתח לקהל בסוף {w}.",
        "דובר {N} סירב להגיב על {w}, אך אישר כי {w} כבר החלה."]),
    "tr": ("bar kal den fos gri hul yol kel lun mor nep ost pra roş sten tür vel vın", " ", [
        "{N} pazartesi günü yaptığı açıklamada {w} için {w} oranının yüzde {d} azalacağını söyledi.",
        "{w} verilerine göre {N} yakınlarında {w} sırasında en az {d} kişi {w} oldu.",
        "{d} milyon liraya mal olan {w}, {w} sonunda {w} için açılacak.",
        "{N} sözcüsü {w} hakkında konuşmadı, ancak {w} sürecinin başladığını doğruladı."]),
    "zh": ("市 府 水 电 路 桥 山 海 林 石 金 木 火 土 光 风 云 雨 田 村 城 港 站 场 院 校 工 农", "", [
        "{N}周一表示，{w}将在今年年底之前把{w}减少百分之{d}。",
        "据{w}介绍，{N}附近发生{w}时，至少有{d}人受到{w}影响。",
        "耗资{d}万元的新{w}将于{w}月底向公众开放，届时{w}也会调整。",
        "{N}发言人拒绝就{w}发表评论，但证实有关{w}的调查已经开始。"]),
    "ja": ("市 府 水 電 路 橋 山 海 林 石 金 木 火 土 光 風 雲 雨 田 村 城 港 駅 場 院 校 工 農", "", [
        "{N}は月曜日、{w}を年末までに{d}パーセント減らす方針を{w}に示した。",
        "{w}によると、{N}の近くで{w}が起き、少なくとも{d}人が{w}の影響を受けた。",
        "{d}億円をかけた新しい{w}は、{w}の終わりに一般に公開される。",
        "{N}の広報担当者は{w}について答えなかったが、{w}の調査が始まったことは認めた。"]),
}

BRITISH = {"organisation": "organization", "favours": "favors", "centre": "center", "labour": "labor",
           "neighbour": "neighbor", "programme": "program", "percent": "per cent"}

NOTICES = [
    "Vous devez être abonné pour lire la suite de cet article. Déjà abonné ? Connectez-vous. Sinon, "
    "découvrez nos offres sans engagement et soutenez une presse libre et indépendante.",
    "Bu içeriğin devamını okumak için abone olmanız gerekiyor. Zaten abone misiniz? Giriş yapın. Çerez "
    "tercihlerinizi istediğiniz zaman ayarlardan değiştirebilirsiniz.",
    "תוכן זה פתוח למנויים בלבד. כבר מנויים? התחברו לחשבון שלכם כדי להמשיך לקרוא את הכתבה המלאה בלי הגבלה.",
    "Thank you for reading. To go on, please register with your electronic address; it is free and takes "
    "a minute. We use it to send you our morning letter, which you may stop whenever you like.",
]

# Of one story each: only the figures and names say which.
FORMS = {
    "weather": ("Forecast for {N}", "{N} will see a {w} start on Tuesday with {d} degrees at dawn and {d} "
                "by the afternoon. The wind will blow at {d} kilometres an hour from the coast, with gusts "
                "of up to {d}. There is a {d} percent chance of rain after {d} in the evening. Pollen levels "
                "will be moderate and the sea temperature is {d} degrees."),
    "market": ("{N} index closes {d} points up", "The {N} index ended the session on Tuesday at {d} points, "
               "a change of {d} points from the day before. Of the shares listed, {d} rose and {d} fell "
               "while {d} were unchanged. {N} Holdings was the strongest with a gain of {d} percent, and {N} "
               "Energy the weakest with a loss of {d} percent. Turnover reached {d} million in a quiet "
               "session in which dealers waited for figures from the central bank."),
    "match": ("{N} {d}-{d} {N}", "{N} and {N} met in front of {d} spectators on Saturday. The hosts took the "
              "lead in minute {d} through {N} and made it {d}-{d} before the break. {N} answered in minute "
              "{d}, but the visitors could not turn the match. {N} remain in place {d} with {d} points, "
              "while {N} are now in place {d} of the table with {d} matches to go."),
    "obituary": ("{N} {N}, {d}", "{N} {N} of {N} passed away peacefully on Sunday at the age of {d}, with the "
                 "family at the bedside. {N} was born in {N} and worked at the {w} for {d} years. {N} is "
                 "survived by {d} children and {d} grandchildren. A service will be held at {d} in the "
                 "chapel of {N}. In place of flowers the family asks for gifts to the hospice of {N}."),
    "wasser": ("Sperrung in {N}", "Die Stadtwerke {N} sperren am Dienstag von {d} bis {d} Uhr das Wasser in "
               "der Strasse {N}. Betroffen sind die Haeuser {d} bis {d}. Grund sind Arbeiten an einer "
               "Leitung aus dem Jahr 19{d}. Rueckfragen beantwortet {N} {N} unter der Nummer {d}{d}{d}."),
    "суд": ("Приговор в городе {N}", "Суд города {N} приговорил {d}-летнего жителя к {d} годам лишения "
            "свободы. По версии следствия, он похитил {d} тысяч рублей у предпринимателя по фамилии {N}. "
            "Прокурор просил назначить {d} лет. Приговор может быть обжалован в течение {d} дней, сообщила "
            "пресс-служба суда."),
    "公告": ("{N}股份发布业绩", "{N}股份有限公司公告，上半年实现营业收入{d}亿元，同比增长{d}%；净利润{d}亿元，"
           "同比下降{d}%。公司拟每10股派发现金红利{d}元。截至收盘，公司股价报{d}元，成交额{d}万元。"),
}

RELEASE = ("{place} is among the {d} winners of this year's {w} grants, the {N} foundation announced today. "
           "The town receives {m} thousand for its {w}, chosen by a jury from {k} entries. \"{place} shows "
           "what a community can do,\" said {N} {N}, who chairs the foundation. The money has to be spent "
           "within {p} months. The foundation, set up {q} years ago, supports projects in small towns.")


class Day:
    def __init__(self, seed):
        self.r, self.items = random.Random(seed), []
        self.outlets = [self.outlet(i) for i in range(60)]

    # ---- words ----
    def word(self, language, upper=False):
        stock, _, _ = LANGUAGES[language]
        w = "".join(self.r.choice(stock.split()) for _ in range(self.r.randint(2, 3)))
        return w.capitalize() if upper else w

    def fill(self, pattern, language="en", **given):
        out, rest = "", pattern
        for key, value in given.items():
            rest = rest.replace("{" + key + "}", str(value))
        while "{" in rest:
            head, _, rest = rest.partition("{")
            kind, rest = rest[0], rest[2:]
            out += head + (str(self.r.randint(2, 98)) if kind == "d" else
                           self.word(language, kind == "N"))
        return out + rest

    def sentences(self, language, n):
        return [self.fill(self.r.choice(LANGUAGES[language][2]), language) for _ in range(n)]

    def title(self, text, language):
        """Some of the first sentence's words in a row, as headlines have them."""
        space = LANGUAGES[language][1]
        words = text.split("。")[0] if not space else text.split()
        start = self.r.randint(0, 2)
        return (words[start:start + 14] if not space else " ".join(words[start:start + 8])).strip(".,")

    def outlet(self, i):
        a = self.word("en", True)
        return {"feed": f"{a.lower()}{i}.example", "name": a,
                "head": self.r.choice(["", "", f"{a} Post | Share | Print\n", f"By the {a} newsdesk\n"]),
                "tail": self.r.choice(["", "", f"\nMore from {a}: subscribe to our letter and never miss "
                                       "a story from your region.", f"\nCopyright {a} Media."])}

    def put(self, at, family, cluster, title, body, feed=None, field="content_text", frame=True):
        o = feed or self.r.choice(self.outlets)
        if frame and field == "content_text":
            body = o["head"] + body + o["tail"]
        self.items.append((at, {"id": f"n{len(self.items):05}", "feed": o["feed"],
                                "url": f"https://{o['feed']}/{len(self.items)}", "title": title,
                                "summary": "", field: body, "published": "2026-10-05T00:00:00Z",
                                "lang": "", "cluster": cluster, "src": family}))

    def other(self, *known):
        return self.r.choice([o for o in self.outlets if o not in known])

    # ---- families ----
    def plain(self, language, n):
        """A story, and what becomes of it elsewhere."""
        r = self.r
        s = self.sentences(language, r.randint(9, 20))
        glue = LANGUAGES[language][1] or ""
        text, at, c = glue.join(s), r.random(), f"{language}{n}"
        title, first = self.title(s[0], language), r.choice(self.outlets)
        self.put(at, "story-" + language, c, title, text, first)
        if r.random() < 0.45:
            return
        kinds = ["framed", "half", "corrected", "retitled", "boxed", "teaser"]
        kinds += ["american"] if language == "en" else []
        for k, kind in enumerate(r.sample(kinds, r.choice([1, 1, 2, 3]))):
            o, when = self.other(first), at + 0.002 * (k + 1)
            new = self.title(s[1], language)
            if kind == "framed":
                self.put(when, kind, c, title, text, o)
            elif kind == "half":
                self.put(when, kind, c, new, glue.join(s[:max(5, len(s) * 6 // 10)]), o)
            elif kind == "corrected":
                note = self.fill("Correction: an earlier version gave a wrong name for {N} {N}.\n")
                self.put(when, kind, c, title, note + text, o)
            elif kind == "retitled":
                self.put(when, kind, c, new, glue.join(x for i, x in enumerate(s) if i < 2 or i % 5), o)
            elif kind == "american":
                for a, b in BRITISH.items():
                    text = text.replace(a, b)
                self.put(when, kind, c, title, text, o)
            elif kind == "boxed":
                self.put(when, kind, c, title, self.boxed(s, o), o, "content_html")
            else:
                lead = (glue.join(s[:2])) + " " + r.choice(["...", "[…]", "Read more", ""])
                self.put(when, kind, c, title, lead, o, frame=False)

    def boxed(self, s, o):
        """A page with two boxes of other stories' headlines between the paragraphs."""
        rows = [f"<p>{x}</p>" for x in s]
        for at in (2, len(rows) // 2 + 1):
            links = "".join(f"<li><a href='https://{o['feed']}/{i}'>{self.sentences('en', 1)[0]}</a></li>"
                            for i in range(4))
            rows.insert(at, f"<aside><h4>More on this</h4><ul>{links}</ul></aside>")
        return "<div class='article'>" + "\n".join(rows) + "<script>var x = 1;</script></div>"

    def live_blog(self, n):
        """Every entry on top of the ones before, under new ids: one text that grows."""
        r = self.r
        entries, at, o = self.sentences("en", 14), r.random(), r.choice(self.outlets)
        title = self.title(entries[0], "en")
        for k in range(r.randint(3, 5)):
            stamps = [f"{9 + i // 3}.{10 + i}: {x}" for i, x in enumerate(entries)]
            self.put(at + 0.004 * k, "live", f"l{n}", "Live: " + title, "\n".join(reversed(stamps)),
                     o if r.random() < 0.7 else self.other(o))
            entries = entries + self.sentences("en", r.randint(1, 2))

    def forms(self, name, n):
        """Filled in once for each; a third of them are carried by someone else, too."""
        r = self.r
        title, body = FORMS[name]
        for k in range(n):
            c, at = f"{name}{k}", r.random()
            language = {"суд": "ru", "公告": "zh", "wasser": "de"}.get(name, "en")
            t, b = self.fill(title, language), self.fill(body, language)
            first = r.choice(self.outlets[:8])
            self.put(at, "form-" + name, c, t, b, first, frame=r.random() < 0.5)
            if r.random() < 0.33:
                self.put(at + 0.003, "form-" + name, c, t, b, self.other(first))

    def one_number(self, n):
        """The same note a day later with one figure changed: told again."""
        r = self.r
        title, body = FORMS[r.choice(["weather", "market", "obituary"])]
        at, o = r.random(), r.choice(self.outlets)
        t, b = self.fill(title), self.fill(body)
        figure = r.choice([w for w in b.split() if w.isdigit()])
        self.put(at, "one-number", f"o{n}a", t, b, o, frame=False)
        self.put(at + 0.01, "one-number", f"o{n}b", t, b.replace(f" {figure} ", f" {int(figure) + 3} ", 1),
                 o if r.random() < 0.5 else self.other(o), frame=False)

    def release(self, n):
        """One release, filled in for five towns by five papers: five stories of one form."""
        r = self.r
        m = {k: r.randint(20, 90) for k in "dkpq"}
        base = self.fill(RELEASE.replace("{place}", "PLACE").replace("{m}", "MONEY"), d=m["d"],
                         k=m["k"], p=m["p"], q=m["q"])
        for k in range(5):
            place, at = self.word("en", True), r.random()
            b = base.replace("PLACE", place).replace("MONEY", str(r.randint(100, 999)))
            self.put(at, "release", f"r{n}{k}", f"{place} wins a grant", b)

    def dated_page(self, n):
        """A feed's page of offers under another date: nothing else is new, yet it is told."""
        r = self.r
        body, o, at = " ".join(self.sentences("en", 20)), r.choice(self.outlets), r.random()
        title = "Offers of the week from " + self.word("en", True)
        for k in range(2):
            b = f"{o['name']} desk, {3 + k} October 2026, {r.randint(6, 9)}.{r.randint(10, 59)}\n" + body
            self.put(at + 0.02 * k, "dated", f"p{n}{k}", title, b, o)

    def lists(self, n):
        """Section pages of one feed: half of the headlines stand on several of them."""
        r = self.r
        o, column = r.choice(self.outlets), self.sentences("en", 7)
        for k in range(4):
            own = self.sentences("en", 9)
            rows = own + r.sample(column, 6)
            r.shuffle(rows)
            self.put(r.random(), "list", f"s{n}{k}", f"{self.word('en', True)} news, all headlines",
                     "\n".join(rows), o)

    def notices(self, n):
        """What a paywall leaves: one notice under many titles, in a language of its own."""
        r = self.r
        o, notice = r.choice(self.outlets), r.choice(NOTICES)
        for k in range(r.randint(3, 8)):
            language = r.choice(list(LANGUAGES))
            s = self.sentences(language, 1)[0]
            lead = s + "\n" if r.random() < 0.5 else ""
            self.put(r.random(), "notice", f"w{n}{k}", self.title(s, language), lead + notice, o, frame=False)

    def make(self):
        for language in LANGUAGES:
            for n in range(180 if language == "en" else 60):
                self.plain(language, n)
        for n in range(25):
            self.live_blog(n)
            self.one_number(n)
            self.notices(n)
        for name in FORMS:
            self.forms(name, 40)
        for n in range(12):
            self.release(n)
            self.dated_page(n)
            self.lists(n)
        self.items.sort(key=lambda x: x[0])


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--seed", type=int, default=1)
    day = Day(options.parse_args().seed)
    day.make()
    for _, item in day.items:
        sys.stdout.write(json.dumps(item, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
