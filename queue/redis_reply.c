/* queue/redis_reply.c - what Redis said, without hiredis' types. */
#include "queue/redis_impl.h"

static const redisReply *theirs(const wd_redis_reply *reply)
{
    return (const redisReply *)(const void *)reply;
}

wd_redis_type wd_redis_reply_type(const wd_redis_reply *reply)
{
    if (reply == NULL)
        return WD_REDIS_NIL;
    switch (theirs(reply)->type) {
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
        return WD_REDIS_TEXT;
    case REDIS_REPLY_INTEGER:
        return WD_REDIS_INT;
    case REDIS_REPLY_ERROR:
        return WD_REDIS_ERROR;
    case REDIS_REPLY_ARRAY:
        return WD_REDIS_LIST;
    default:
        return WD_REDIS_NIL;
    }
}

wd_span wd_redis_reply_text(const wd_redis_reply *reply)
{
    wd_redis_type type = wd_redis_reply_type(reply);
    if (type != WD_REDIS_TEXT && type != WD_REDIS_ERROR)
        return WD_SPAN_NONE;
    return (wd_span){ theirs(reply)->str, (size_t)theirs(reply)->len };
}

int64_t wd_redis_reply_int(const wd_redis_reply *reply)
{
    unsigned long long value = 0;
    if (wd_redis_reply_type(reply) == WD_REDIS_INT)
        return theirs(reply)->integer;
    return wd_span_u64(wd_redis_reply_text(reply), &value) && value <= INT64_MAX ? (int64_t)value
                                                                                 : 0;
}

size_t wd_redis_reply_count(const wd_redis_reply *reply)
{
    return wd_redis_reply_type(reply) == WD_REDIS_LIST ? theirs(reply)->elements : 0;
}

const wd_redis_reply *wd_redis_reply_at(const wd_redis_reply *reply, size_t at)
{
    if (at >= wd_redis_reply_count(reply))
        return NULL;
    return (const wd_redis_reply *)(const void *)theirs(reply)->element[at];
}
