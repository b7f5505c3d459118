/* daemon/verbs/order.c - the answer's text to stdout, a refusal's to stderr. */
#include "daemon/verbs/order.h"

#include <stdio.h>

#include <jansson.h>

#include "core/json.h"
#include "core/text.h"
#include "daemon/config/place.h"
#include "daemon/control_socket.h"
#include "daemon/verbs/command.h"
#include "daemon/verbs/control_client.h"

#define ANSWER_BYTES (1u << 20)

static void write_order(const wd_order *o, wd_buf *out)
{
    wd_json j = wd_json_onto(out);
    wd_json_begin_object(&j);
    wd_json_put_text(&j, "order", o->name);
    if (o->key != NULL && o->word != NULL)
        wd_json_put_text(&j, o->key, o->word);
    wd_json_end_object(&j);
}

/* False: the daemon refused. */
static bool show(const wd_order *o, wd_span answer)
{
    wd_buf line = WD_BUF_INIT(ANSWER_BYTES);
    json_t *object = json_loadb(answer.ptr, answer.len, 0, NULL);
    const char *text = json_string_value(json_object_get(object, "text"));
    bool ok = json_is_true(json_object_get(object, "ok"));
    wd_text_escape_log(&line, wd_span_of(text ? text : "the daemon's answer cannot be read"));
    if (o->verb->json)
        printf("%.*s\n", WD_SPAN_ARG(answer));
    else if (ok)
        printf("%.*s\n", WD_SPAN_ARG(wd_buf_span(&line)));
    else
        wd_verb_fail(o->verb, NULL, "%.*s", WD_SPAN_ARG(wd_buf_span(&line)));
    json_decref(object);
    wd_buf_done(&line);
    return ok;
}

/* A file that is wrong just now must not keep its writer from asking the daemon. */
static int find_socket(const wd_order *o, char path[WD_SOCKET_PATH_BYTES])
{
    wd_mistakes wrong;
    wd_config *config =
        o->verb->json ? wd_verb_config_quiet(o->verb, &wrong) : wd_verb_config(o->verb);
    bool found = wd_config_find_socket(config, path);
    if (config == NULL && !found && o->verb->json)
        wd_verb_mistakes(o->verb, &wrong);
    else if (config != NULL && !found)
        wd_verb_fail(o->verb, config->file, "control.socket is off: the daemon takes no orders");
    int code = found ? WD_EXIT_OK : config ? WD_EXIT_FAILED : WD_EXIT_USAGE;
    wd_config_free(config);
    return code;
}

int wd_order_give(const wd_order *order)
{
    wd_error err = { 0 };
    char path[WD_SOCKET_PATH_BYTES];
    wd_buf line = WD_BUF_INIT(WD_ORDER_BYTES - 1), answer = WD_BUF_INIT(ANSWER_BYTES);
    int code = find_socket(order, path);
    if (code != WD_EXIT_OK)
        return code;
    write_order(order, &line);
    wd_status s = wd_buf_status(&line) == WD_OK
                      ? wd_control_ask(path, wd_buf_span(&line), &answer, &err)
                      : wd_fail(&err, WD_LIMIT, "that is too long for an order");
    bool ok = s == WD_OK && show(order, wd_buf_span(&answer));
    if (s != WD_OK)
        wd_verb_fail(order->verb, NULL, "%s", err.text);
    wd_buf_done(&line);
    wd_buf_done(&answer);
    return ok ? WD_EXIT_OK : WD_EXIT_FAILED;
}

wd_status wd_order_reload(const wd_config *config, wd_error *err)
{
    char path[WD_SOCKET_PATH_BYTES];
    wd_buf answer = WD_BUF_INIT(ANSWER_BYTES);
    if (!wd_config_find_socket(config, path))
        return wd_fail(err, WD_NOTFOUND, "control.socket is off in %s", config->file);
    wd_status s = wd_control_ask(path, WD_SPAN_LIT("{\"order\":\"reload\"}"), &answer, err);
    json_t *object = s == WD_OK ? json_loadb(answer.ptr, answer.len, 0, NULL) : NULL;
    const char *text = json_string_value(json_object_get(object, "text"));
    if (s == WD_OK && !json_is_true(json_object_get(object, "ok")))
        s = wd_fail(err, WD_CONFIG, "%s", text ? text : "the daemon's answer cannot be read");
    json_decref(object);
    wd_buf_done(&answer);
    return s;
}
