/* daemon/log_sink.c - one writev or sendmsg an event, so that threads never mix lines. */
#include "daemon/log_sink.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/ascii.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/hash.h"
#include "core/json.h"
#include "core/text.h"
#ifdef WD_HAVE_SYSTEMD
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>
#endif

#define LINE_BYTES  (16u * 1024u)
#define JOURNAL_MAX 32 /* fields of one event; the longest has about twelve */

static void write_line(const wd_buf *line)
{
    size_t at = 0;
    while (at < line->len) {
        ssize_t n = write(STDERR_FILENO, line->ptr + at, line->len - at);
        if (n <= 0)
            return; /* nobody is left to tell */
        at += (size_t)n;
    }
}

static void append_fields(wd_buf *line, const char *event, const wd_log_field *fields)
{
    wd_buf_printf(line, " [%s", event);
    for (const wd_log_field *f = fields; f != NULL && f->key != NULL; f++) {
        if (f->value == NULL)
            continue;
        wd_buf_printf(line, " %s=", f->key);
        bool quote = f->value[0] == '\0' || strpbrk(f->value, " \"]") != NULL;
        if (quote)
            wd_buf_append_char(line, '"');
        for (wd_span rest = wd_span_of(f->value); rest.ptr != NULL;) {
            wd_text_escape_log(line, wd_span_cut(&rest, '"'));
            if (rest.ptr != NULL)
                wd_buf_append(line, "\\\"", 2);
        }
        if (quote)
            wd_buf_append_char(line, '"');
    }
    wd_buf_append(line, "]\n", 2);
}

/* "<4>example-world answers 404; next try in 10 min [fetch.error FEED=... STATUS=404]" */
static void to_stream(
    void *ctx, wd_log_level level, const char *event, const wd_log_field *fields, const char *text)
{
    (void)ctx;
    wd_buf line = WD_BUF_INIT(LINE_BYTES);
    wd_buf_printf(&line, "<%d>", level);
    wd_text_escape_log(&line, wd_span_of(text));
    append_fields(&line, event, fields);
    write_line(&line);
    wd_buf_done(&line);
}

/* "09:02:11 warning  example-world answers 404; next try in 10 min   fetch.error" */
static void to_terminal(
    void *ctx, wd_log_level level, const char *event, const wd_log_field *fields, const char *text)
{
    static const struct {
        const char *word, *colour;
    } looks[] = { { "error", "\033[31m" }, /* from WD_LOG_ERROR on */
                  { "warning", "\033[33m" },
                  { "notice", "\033[36m" },
                  { "info", "" },
                  { "debug", "\033[2m" } };
    const char *word = looks[level - WD_LOG_ERROR].word;
    const char *paint = looks[level - WD_LOG_ERROR].colour;
    const wd_log_sink *sink = ctx;
    (void)fields;
    time_t now = time(NULL);
    struct tm tm;
    localtime_r(&now, &tm);
    bool colour = getenv("NO_COLOR") == NULL && paint[0] != '\0';
    wd_buf line = WD_BUF_INIT(LINE_BYTES);
    wd_buf_printf(&line, "%s%02d:%02d:%02d %s%-7s%s  ", sink->over_line ? "\r\033[K" : "",
                  tm.tm_hour, tm.tm_min, tm.tm_sec, colour ? paint : "", word,
                  colour ? "\033[0m" : "");
    wd_text_escape_log(&line, wd_span_of(text));
    wd_buf_printf(&line, colour ? "  \033[2m%s\033[0m\n" : "  [%s]\n", event);
    write_line(&line);
    wd_buf_done(&line);
}

/* A name of capitals and underscores; longer ones are cut, there are none. */
static void put_field(wd_json *j, const wd_log_field *f)
{
    char key[48];
    size_t n = 0;
    for (; f->key[n] != '\0' && n + 1 < sizeof(key); n++)
        key[n] = wd_lower(f->key[n]);
    key[n] = '\0';
    wd_json_put_text(j, key, f->value);
}

/* {"time":"2026-03-10T09:02:11.384Z","level":"warning","event":"fetch.error","text":...} */
static void to_json(
    void *ctx, wd_log_level level, const char *event, const wd_log_field *fields, const char *text)
{
    static const char *const words[] = { "error", "warning", "notice", "info", "debug" };
    const wd_log_sink *sink = ctx;
    wd_buf line = WD_BUF_INIT(LINE_BYTES);
    wd_json j = wd_json_onto(&line);
    wd_json_begin_object(&j);
    wd_json_put_time_opt(&j, "time", wd_wall_ms(wd_clock_system()), true);
    wd_json_put_text(&j, "level", words[level - WD_LOG_ERROR]);
    wd_json_put_text(&j, "event", event);
    wd_json_put_text(&j, "text", text);
    wd_json_put_text(&j, "run", sink->run_id);
    for (const wd_log_field *f = fields; f != NULL && f->key != NULL; f++)
        if (f->value != NULL)
            put_field(&j, f);
    wd_json_end_object(&j);
    wd_buf_append_char(&line, '\n');
    if (wd_buf_status(&line) == WD_OK)
        write_line(&line);
    wd_buf_done(&line);
}

/* FNV-1a in 128 bits, as sd-id128 wants 16 bytes. */
void wd_log_message_id(const char *event, char out[33])
{
    unsigned __int128 h = ((unsigned __int128)0x6c62272e07bb0142ULL << 64) | 0x62b821756295c58dULL;
    const unsigned __int128 prime = ((unsigned __int128)1 << 88) | 0x13b;
    for (const char *p = event; *p; p++)
        h = (h ^ (unsigned char)*p) * prime;
    snprintf(out, 33, "%016" PRIx64 "%016" PRIx64, (uint64_t)(h >> 64), (uint64_t)h);
}

#ifdef WD_HAVE_SYSTEMD
static void to_journal(
    void *ctx, wd_log_level level, const char *event, const wd_log_field *fields, const char *text)
{
    const wd_log_sink *sink = ctx;
    wd_buf all = WD_BUF_INIT(LINE_BYTES);
    struct iovec parts[JOURNAL_MAX];
    size_t ends[JOURNAL_MAX], n = 0;
    char id[33];
    wd_log_message_id(event, id);
    wd_buf_append_span(&all, WD_SPAN_LIT("MESSAGE="));
    wd_text_escape_log(&all, wd_span_of(text));
    ends[n++] = all.len;
    wd_buf_printf(&all, "PRIORITY=%d", level);
    ends[n++] = all.len;
    wd_buf_printf(&all, "MESSAGE_ID=%s", id);
    ends[n++] = all.len;
    wd_buf_printf(&all, "WIREDESK_EVENT=%s", event);
    ends[n++] = all.len;
    wd_buf_printf(&all, "WIREDESK_RUN_ID=%s", sink->run_id);
    ends[n++] = all.len;
    for (const wd_log_field *f = fields; f && f->key && n < JOURNAL_MAX; f++) {
        if (f->value == NULL)
            continue;
        wd_buf_printf(&all, "WIREDESK_%s=%s", f->key, f->value);
        ends[n++] = all.len;
    }
    for (size_t i = 0, from = 0; i < n; from = ends[i++])
        parts[i] = (struct iovec){ all.ptr + from, ends[i] - from };
    if (all.ptr == NULL || sd_journal_sendv(parts, (int)n) < 0)
        to_stream(ctx, level, event, fields, text);
    wd_buf_done(&all);
}

/* systemd.exec(5): "$JOURNAL_STREAM contains the device and inode numbers". */
static bool stderr_is_journal(void)
{
    const char *given = getenv("JOURNAL_STREAM");
    uintmax_t dev, ino;
    struct stat st;
    return given != NULL && sscanf(given, "%" SCNuMAX ":%" SCNuMAX, &dev, &ino) == 2 &&
           fstat(STDERR_FILENO, &st) == 0 && st.st_dev == dev && st.st_ino == ino;
}
#endif

static void name_run(char out[WD_RUN_ID_BYTES])
{
    const char *given = getenv("INVOCATION_ID");
    if (given != NULL && strlen(given) == WD_RUN_ID_BYTES - 1)
        memcpy(out, given, WD_RUN_ID_BYTES);
    else
        snprintf(out, WD_RUN_ID_BYTES, "%016" PRIx64 "%016" PRIx64, wd_random64(), wd_random64());
}

void wd_log_sink_open(wd_log_sink *sink, wd_log_level level)
{
    sink->log = (wd_log){ .sink = to_stream, .ctx = sink, .level = level };
    name_run(sink->run_id);
    if (isatty(STDERR_FILENO))
        sink->log.sink = to_terminal;
#ifdef WD_HAVE_SYSTEMD
    if (stderr_is_journal())
        sink->log.sink = to_journal;
#endif
}

const char *wd_log_error_prefix(void)
{
#ifdef WD_HAVE_SYSTEMD
    if (stderr_is_journal())
        return SD_ERR;
#endif
    return "";
}

void wd_log_sink_open_json(wd_log_sink *sink, wd_log_level level)
{
    sink->log = (wd_log){ .sink = to_json, .ctx = sink, .level = level };
    name_run(sink->run_id);
}
