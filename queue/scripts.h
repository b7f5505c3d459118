/* queue/scripts.h - queue/lua/ as C strings, without the comments (made by CMake). */
#pragma once

extern const char wd_lua_hello[]; /* takes the lane */
extern const char wd_lua_look[];  /* reads how far the stream is */
extern const char wd_lua_push[];  /* appends one event, if it is the next */
