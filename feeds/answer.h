/*
 * feeds/answer.h - from an HTTP reply to the answer of a poll: document, not modified, the
 * same body again, or a failure with its reason; and which validators are to be kept.
 */
#pragma once

#include "feeds/http.h"
#include "feeds/poll.h"

/* Fills the poll from the reply; `sent` are the validators that the request carried. */
void wd_answer_fill(wd_poll *poll, const wd_http_reply *reply, const wd_validators *sent);
