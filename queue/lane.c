/* queue/lane.c - the two lanes by name. */
#include "queue/outbox.h"

const char *wd_lane_text(wd_lane lane)
{
    return lane == WD_LANE_COPIES ? "copies" : "items";
}
