/* Reading a tape. */
#include <string.h>
#include "shim.h"

static bool take(struct cursor *body, void *into, size_t size) {
  if ((size_t)(body->end - body->at) < size) {
    memset(into, 0, size);
    body->at = body->end;
    return false;
  }
  memcpy(into, body->at, size);
  body->at += size;
  return true;
}

bool tape_open(struct cursor *tape, const void *bytes, size_t size) {
  struct tape_header header;
  tape->at = bytes;
  tape->end = tape->at + size;
  if (!take(tape, &header, sizeof header) || header.magic != PROTOCOL_TAPE_MAGIC) return false;
  if (header.version != PROTOCOL_VERSION || header.length > (size_t)(tape->end - tape->at)) return false;
  tape->end = tape->at + header.length;
  return true;
}

bool next_op(struct cursor *tape, struct operation *op) {
  struct op_header header;
  if (!take(tape, &header, sizeof header)) return false;
  if (header.length > (size_t)(tape->end - tape->at)) return false;
  op->code = header.op;
  op->body.at = tape->at;
  op->body.end = tape->at + header.length;
  size_t padded = ((size_t)header.length + 7) & ~(size_t)7;
  size_t left = (size_t)(tape->end - tape->at);
  tape->at += padded < left ? padded : left;
  return true;
}

uint16_t take_u16(struct cursor *body) {
  uint16_t value;
  take(body, &value, sizeof value);
  return value;
}

uint32_t take_u32(struct cursor *body) {
  uint32_t value;
  take(body, &value, sizeof value);
  return value;
}

uint64_t take_u64(struct cursor *body) {
  uint64_t value;
  take(body, &value, sizeof value);
  return value;
}

const char *take_string(struct cursor *body) {
  const char *text = (const char *)body->at;
  const uint8_t *end = body->at < body->end ? memchr(body->at, 0, (size_t)(body->end - body->at)) : NULL;
  if (!end) {
    body->at = body->end;
    return "";
  }
  body->at = end + 1;
  return text;
}
