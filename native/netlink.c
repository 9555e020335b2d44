/* Playing netlink datagrams that the daemon has encoded. */
#define _GNU_SOURCE
#include <string.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/socket.h>
#include <linux/netlink.h>
#include "shim.h"

/* How many of the datagram's messages ask for an acknowledgement. */
static int acknowledgements(const uint8_t *bytes, size_t size) {
  int count = 0;
  while (size >= sizeof(struct nlmsghdr)) {
    struct nlmsghdr header;
    memcpy(&header, bytes, sizeof header);
    size_t whole = NLMSG_ALIGN(header.nlmsg_len);
    if (header.nlmsg_flags & NLM_F_ACK) count++;
    if (header.nlmsg_len < sizeof header || whole >= size) break;
    bytes += whole;
    size -= whole;
  }
  return count;
}

static int await(int fd, int count) {
  while (count > 0) {
    _Alignas(8) uint8_t reply[4096];
    ssize_t n = recv(fd, reply, sizeof reply, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return -errno;
    uint8_t *at = reply;
    for (size_t left = (size_t)n; left >= sizeof(struct nlmsghdr);) {
      struct nlmsghdr *header = (struct nlmsghdr *)at;
      size_t whole = NLMSG_ALIGN(header->nlmsg_len);
      if (header->nlmsg_len < sizeof *header || header->nlmsg_len > left) break;
      if (header->nlmsg_type == NLMSG_ERROR) {
        int error = ((struct nlmsgerr *)(header + 1))->error;
        if (error) return error;
        count--;
      }
      at += whole;
      left = whole < left ? left - whole : 0;
    }
  }
  return 0;
}

int netlink_play(const uint8_t *bytes, size_t size, uint32_t fd_offset, int netns) {
  uint8_t *copy = malloc(size);
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  int result = 0;
  if (!copy || fd < 0) result = -errno;
  if (!result) {
    memcpy(copy, bytes, size);
    if (fd_offset != UINT32_MAX && (size_t)fd_offset + sizeof netns <= size)
      memcpy(copy + fd_offset, &netns, sizeof netns);
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    if (sendto(fd, copy, size, 0, (struct sockaddr *)&kernel, sizeof kernel) < 0) result = -errno;
  }
  if (!result) result = await(fd, acknowledgements(bytes, size));
  if (fd >= 0) close(fd);
  free(copy);
  return result;
}
