/* feeds/socket_bytes.h - what a TCP connection has received, by the kernel's own count. */
#pragma once

#include <stdint.h>

/* Since it stands; 0: not known. */
uint64_t wd_socket_bytes(int fd);
