/* daemon/verbs/feed_file.c - open, append, read the whole configuration again; or take it back. */
#include "daemon/verbs/feed_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/json.h"

/* So many files of one name beside each other; more is a mistake in a script. */
#define MOST_FILES 99

#define HEAD_BYTES 256u

/* A JSON string is a YAML one. */
static void put_quoted(wd_buf *out, wd_span text)
{
    wd_json j = wd_json_onto(out);
    wd_json_string(&j, text);
}

void wd_feed_file_put(wd_buf *yaml, const wd_subscription *feed, const char *allow_private)
{
    wd_buf_printf(yaml, "  %.*s: { url: ", WD_SPAN_ARG(feed->slug));
    put_quoted(yaml, feed->url);
    if (feed->group.len > 0) {
        wd_buf_append_span(yaml, WD_SPAN_LIT(", group: "));
        put_quoted(yaml, feed->group);
    }
    if (allow_private != NULL) {
        wd_buf_append_span(yaml, WD_SPAN_LIT(", allow_private: ["));
        put_quoted(yaml, wd_span_of(allow_private));
        wd_buf_append_char(yaml, ']');
    }
    wd_buf_append_span(yaml, WD_SPAN_LIT(" }\n"));
}

static int open_file(wd_feed_file *f)
{
    const char *config = f->config->file, *slash = strrchr(config, '/');
    int n = slash ? (int)(slash - config) + 1 : 0, fd = -1;
    int how = f->kind == WD_FEED_FILE_NEW ? O_CREAT | O_EXCL : O_CREAT | O_APPEND;
    snprintf(f->path, sizeof(f->path), "%.*sfeeds.d", n, config);
    bool fresh = mkdir(f->path, 0755) == 0;
    if ((!fresh && errno != EEXIST) ||
        (fresh && chmod(f->path, 0755) != 0)) /* whatever the umask */
        return -1;
    for (int i = 1; fd < 0 && i <= MOST_FILES; i++) {
        char number[8] = "";
        if (i > 1)
            snprintf(number, sizeof(number), "-%d", i);
        snprintf(f->path, sizeof(f->path), "%.*sfeeds.d/%s%s.yaml", n, config, f->stem, number);
        fd = open(f->path, O_RDWR | O_CLOEXEC | how, 0644);
        if (fd < 0 && errno != EEXIST)
            return -1;
    }
    return fd;
}

static bool write_all(int fd, wd_span bytes)
{
    while (bytes.len > 0) {
        ssize_t n = write(fd, bytes.ptr, bytes.len);
        if (n <= 0)
            return false;
        bytes = wd_span_from(bytes, (size_t)n);
    }
    return true;
}

/* The writer's umask may be stricter than the service can bear; addresses may hold passwords. */
static bool as_readable_as_the_configuration(int fd, const char *config)
{
    struct stat st;
    if (stat(config, &st) != 0)
        return false;
    if (geteuid() == 0 && fchown(fd, st.st_uid, st.st_gid) != 0)
        return false;
    return fchmod(fd, st.st_mode & 0666) == 0;
}

/* What an editor left without a newline at its end is still a line. */
static bool end_line(int fd, off_t size)
{
    char last = '\n';
    if (size > 0 && pread(fd, &last, 1, size - 1) != 1)
        return false;
    return last == '\n' || write_all(fd, WD_SPAN_LIT("\n"));
}

static bool write_lines(const wd_feed_file *f, int fd, off_t size, wd_span lines)
{
    char head[HEAD_BYTES];
    int n = snprintf(head, sizeof(head), "# %s\nfeeds:\n", f->remark);
    if (size == 0 && (!as_readable_as_the_configuration(fd, f->config->file) ||
                      !write_all(fd, (wd_span){ head, (size_t)n })))
        return false;
    return end_line(fd, size) && write_all(fd, lines) && fsync(fd) == 0;
}

bool wd_feed_file_write(wd_feed_file *f, const wd_verb *v, wd_span lines)
{
    wd_mistakes wrong;
    wd_config *whole = NULL;
    struct stat before = { 0 };
    int fd = open_file(f);
    if (fd < 0 || fstat(fd, &before) != 0) {
        bool denied = errno == EACCES || errno == EPERM;
        wd_verb_fail(v, f->path, "%s%s", strerror(errno), denied ? ": try again with sudo" : "");
        return false;
    }
    bool written = write_lines(f, fd, before.st_size, lines);
    if (!written)
        wd_verb_fail(v, f->path, "%s", strerror(errno));
    else if (wd_config_load(&whole, f->config->file, &wrong) != WD_OK)
        wd_verb_mistakes(v, &wrong);
    bool right = whole != NULL;
    wd_config_free(whole);
    if (!right && before.st_size == 0)
        unlink(f->path);
    else if (!right && ftruncate(fd, before.st_size) != 0)
        wd_verb_fail(v, f->path, "%s", strerror(errno));
    close(fd);
    return right;
}
