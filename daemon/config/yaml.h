/*
 * daemon/config/yaml.h - one YAML file as a tree whose every value knows its place; the only
 * door to libyaml.
 *
 * Mappings, lists and scalars only: aliases, tags and a second document are
 * errors, so that what is written is what is read.
 */
#pragma once

#include <stdint.h>

#include "core/arena.h"
#include "core/span.h"
#include "core/status.h"

typedef enum wd_yaml_kind { WD_YAML_SCALAR, WD_YAML_MAP, WD_YAML_LIST } wd_yaml_kind;

typedef struct wd_yaml {
    wd_yaml_kind kind;
    uint32_t line, column; /* from 1 */
    wd_span scalar;        /* SCALAR */
    wd_span key;           /* of a MAP's member */
    uint32_t key_line, key_column;
    struct wd_yaml *first, *next; /* members; siblings */
} wd_yaml;

/* WD_IO: it cannot be read; WD_MALFORMED: it is none of that.  err->where is "file:line:column".
 * *out is NULL for an empty file. */
WD_MUST_USE wd_status wd_yaml_load(wd_yaml **out, const char *file, wd_arena *arena, wd_error *err);
