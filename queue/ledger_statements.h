/* queue/ledger_statements.h - every statement the ledger runs often: a name and its text. */
#pragma once

/* clang-format off */
#define WD_SQL_LIST(X)                                                                             \
    X(BEGIN, "BEGIN IMMEDIATE")                                                                    \
    X(COMMIT, "COMMIT")                                                                            \
    X(ROLLBACK, "ROLLBACK")                                                                        \
    X(PUT_META, "INSERT OR REPLACE INTO meta(key, value) VALUES(?1, ?2)")                          \
    X(PUT_LANE, "UPDATE lane SET next_seq=?2, last_ms=?3, acked_seq=?4, waiting_bytes=?5,"         \
                " kept_bytes=?6 WHERE lane=?1")                                                    \
    X(FEED_BY_SLUG, "SELECT feed, url FROM feed WHERE slug=?1")                                    \
    X(ADD_FEED, "INSERT INTO feed(slug, url) VALUES(?1, ?2)")                                      \
    X(MOVE_FEED, "UPDATE feed SET url=?2, etag=NULL, last_modified=NULL WHERE feed=?1")            \
    X(PUT_STATE, "UPDATE feed SET state=?2 WHERE feed=?1")                                         \
    X(PUT_VALIDATORS, "UPDATE feed SET etag=?2, last_modified=?3 WHERE feed=?1")                   \
    X(EACH_FEED, "SELECT feed, slug, url, etag, last_modified, state FROM feed ORDER BY feed")     \
    X(PUT_WEBSUB, "INSERT OR REPLACE INTO websub(token, slug, hub, topic, secret, phase, failures,"  \
                  " lease_ms, next_ms, pushed_ms, self, delivers)"                                 \
                  " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)")                    \
    X(DROP_WEBSUB, "DELETE FROM websub WHERE token=?1")                                            \
    X(EACH_WEBSUB, "SELECT token, slug, hub, topic, secret, phase, failures, lease_ms, next_ms,"   \
                   " pushed_ms, self, delivers FROM websub ORDER BY token")                        \
    X(ADD_IDENTITY, "INSERT INTO identity(feed, id_key, item, day, cluster, first_ms, content,"    \
                    " text, fields, link_key, revision, uri)"                                      \
                    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)")                  \
    X(SET_IDENTITY, "UPDATE identity SET content=?4, text=?5, fields=?6, link_key=?7,"             \
                    " revision=?8 WHERE feed=?1 AND id_key=?2 AND item=?3")                        \
    X(FIND_IDENTITY, "SELECT item, day, cluster, first_ms, content, text, fields, link_key,"       \
                     " revision, uri, feed, id_key FROM identity"                                  \
                     " WHERE feed=?1 AND id_key=?2 ORDER BY item DESC LIMIT 1")                    \
    X(FIND_ITEM, "SELECT i.item, d.day, d.cluster, d.first_ms, d.content, d.text, d.fields,"       \
                 " d.link_key, d.revision, d.uri, d.feed, d.id_key, i.agency, i.size"              \
                 " FROM item i JOIN identity d ON d.feed=i.feed AND d.id_key=i.id_key"             \
                 " AND d.item=i.item WHERE i.item=?1")                                             \
    X(FIND_URI, "SELECT item FROM identity WHERE uri=?1 LIMIT 1")                                  \
    X(FIND_LINK, "SELECT item FROM link WHERE link_key=?1")                                        \
    X(TOUCH_IDENTITY, "UPDATE identity SET day=?3 WHERE feed=?1 AND id_key=?2 AND day<?3")         \
    X(ADD_ITEM, "INSERT INTO item(item, feed, id_key, agency, size) VALUES(?1, ?2, ?3, ?4, 1)")    \
    X(GROW_CLUSTER, "UPDATE item SET size=size+1 WHERE item=?1")                                   \
    X(SET_AGENCY, "UPDATE item SET agency=?2 WHERE item=?1")                                       \
    X(ADD_LINK, "INSERT OR IGNORE INTO link(link_key, item) VALUES(?1, ?2)")                       \
    X(PUT_TEXT, "INSERT OR REPLACE INTO text(item, first_ms, packed, feed, cluster)"               \
                " VALUES(?1, ?2, ?3, ?4, ?5)")                                                     \
    X(DROP_TEXT, "DELETE FROM text WHERE item=?1")                                                 \
    X(EACH_TEXT, "SELECT item, first_ms, feed, cluster, packed FROM text"                          \
                 " WHERE item>=?1 AND first_ms>=?2 ORDER BY item")                                 \
    X(EACH_RETOLD, "SELECT t.item, t.first_ms, t.feed, t.cluster, t.packed FROM retold r"          \
                   " JOIN text t ON t.item=r.item ORDER BY r.n")                                   \
    X(ADD_RETOLD, "INSERT INTO retold(item) VALUES(?1)")                                           \
    X(LAST_RETOLD, "SELECT max(n) FROM retold")                                                    \
    X(DROP_RETOLD, "DELETE FROM retold WHERE n<=?1")                                               \
    X(EXPIRE_TEXT, "DELETE FROM text WHERE item IN"                                                \
                   " (SELECT item FROM text ORDER BY item LIMIT ?2) AND first_ms<?1")              \
    X(ADD_DECISION, "INSERT OR REPLACE INTO decision(item, cluster, matched, ms, verdict, rule,"   \
                    " note, cover_this, cover_other, run, numbers, agreed, title)"                 \
                    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)")             \
    X(NOTE_UPDATE, "UPDATE decision SET updated_ms=?2, changes=?3, title=?4 WHERE item=?1")        \
    X(FIND_DECISION, "SELECT cluster, matched, ms, verdict, rule, note, cover_this, cover_other,"  \
                     " run, numbers, agreed, title, updated_ms, changes FROM decision"             \
                     " WHERE item=?1")                                                             \
    X(CLUSTER_ITEMS, "SELECT item FROM decision WHERE item>=?1 AND cluster=?1 ORDER BY item"       \
                     " LIMIT ?2")                                                                  \
    X(EXPIRE_DECISION, "DELETE FROM decision WHERE item IN"                                        \
                       " (SELECT item FROM decision ORDER BY item LIMIT ?2) AND ms<?1")            \
    X(DROP_DECISION, "DELETE FROM decision WHERE item=?1")                                         \
    X(SWEEP_IDENTITY, "SELECT feed, id_key, item, day, link_key FROM identity"                     \
                      " WHERE (feed, id_key, item) > (?1, ?2, ?3)"                                 \
                      " ORDER BY feed, id_key, item LIMIT ?4")                                     \
    X(DROP_IDENTITY, "DELETE FROM identity WHERE feed=?1 AND id_key=?2 AND item=?3")               \
    X(DROP_ITEM, "DELETE FROM item WHERE item=?1")                                                 \
    X(DROP_LINK, "DELETE FROM link WHERE link_key=?1 AND item=?2")                                 \
    X(ADD_EVENT, "INSERT INTO outbox(id, ms, type, language, cluster, feed, body)"                 \
                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)")                                            \
    X(EACH_EVENT, "SELECT id, ms, type, language, cluster, feed, body FROM outbox"                 \
                  " WHERE id>?1 AND id<=?2 ORDER BY id LIMIT ?3")                                  \
    X(EVENTS_DOWN, "SELECT id, ms, type, language, cluster, feed, body FROM outbox"                \
                   " WHERE id>?1 AND id<=?2 ORDER BY id DESC LIMIT 1")                             \
    X(MOVE_EVENT, "UPDATE outbox SET id=?2, ms=?3, body=?4 WHERE id=?1")                           \
    X(EVENT_MS, "SELECT ms FROM outbox WHERE id=?1")                                               \
    X(FIRST_EVENT, "SELECT id FROM outbox WHERE id>?1 AND id<=?2 ORDER BY id LIMIT 1")             \
    X(EVENT_BYTES, "SELECT total(length(body)) FROM outbox WHERE id>?1 AND id<=?2")                \
    X(DROP_EVENTS, "DELETE FROM outbox WHERE id>?1 AND id<=?2")                                    \
    X(PUT_ACK, "INSERT OR REPLACE INTO ack(lane, second, seq) VALUES(?1, ?2, ?3)")                 \
    X(ACKED_BEFORE, "SELECT max(seq) FROM ack WHERE lane=?1 AND second<?2")                        \
    X(DROP_ACKS_FROM, "DELETE FROM ack WHERE lane=?1 AND seq>?2")                                  \
    X(DROP_ACKS_UPTO, "DELETE FROM ack WHERE lane=?1 AND seq<=?2")
/* clang-format on */
