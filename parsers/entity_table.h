/*
 * parsers/entity_table.h - the generated list of named character references; parsers/entities.c
 * is its one reader.
 */
#pragma once

#include <stdint.h>

#define WD_ENTITY_COUNT  2125u
#define WD_ENTITY_STRIDE 8u
#define WD_ENTITY_STARTS ((WD_ENTITY_COUNT + WD_ENTITY_STRIDE - 1) / WD_ENTITY_STRIDE)

/* The longest name, semicolon not counted ("CounterClockwiseContourIntegral"). */
#define WD_ENTITY_NAME_BYTES 31u

extern const char wd_entity_texts[]; /* "name\0text\0" by name */
extern const uint16_t wd_entity_starts[WD_ENTITY_STARTS];
