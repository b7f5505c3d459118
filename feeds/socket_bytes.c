/* feeds/socket_bytes.c - TCP_INFO; alone, because glibc's own header knows an older struct. */
#include "feeds/socket_bytes.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

uint64_t wd_socket_bytes(int fd)
{
    struct tcp_info info = { .tcpi_bytes_received = 0 };
    socklen_t size = sizeof(info);
    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 ? info.tcpi_bytes_received : 0;
}
