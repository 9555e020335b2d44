/* SHA-256 (FIPS 180-4), with the processor's own instructions where it has them. */
#pragma once
#include <stdint.h>
#include <string.h>


struct sha256 {
  uint32_t h[8];
  uint8_t block[64];
  uint64_t length;
};

static const uint32_t rounds[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
    0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
    0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
    0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotated(uint32_t word, int by) { return word >> by | word << (32 - by); }

static void mix_portably(uint32_t *h, const uint8_t *block) {
  uint32_t w[64], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], f = h[5], g = h[6], last = h[7];
  for (int i = 0; i < 16; i++) {
    uint32_t word;
    memcpy(&word, block + i * 4, 4);
    w[i] = __builtin_bswap32(word);
  }
  for (int i = 16; i < 64; i++) {
    uint32_t old = w[i - 15], young = w[i - 2];
    w[i] = w[i - 16] + w[i - 7] + (rotated(old, 7) ^ rotated(old, 18) ^ old >> 3) +
           (rotated(young, 17) ^ rotated(young, 19) ^ young >> 10);
  }
  for (int i = 0; i < 64; i++) {
    uint32_t one = last + (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) + ((e & f) ^ (~e & g)) + rounds[i] + w[i];
    uint32_t two = (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    last = g, g = f, f = e, e = d + one, d = c, c = b, b = a, a = one + two;
  }
  h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e, h[5] += f, h[6] += g, h[7] += last;
}

#ifdef __x86_64__
#include <cpuid.h>
#include <immintrin.h>

/* CPUID.07H.EBX.SHA[29], and CPUID.01H.ECX.SSE4_1[19] for the shuffles. */
static int has_instructions(void) {
  static int known = -1;
  unsigned a, b, c, d;
  if (known < 0) {
    known = __get_cpuid_count(7, 0, &a, &b, &c, &d) && b >> 29 & 1;
    known = known && __get_cpuid(1, &a, &b, &c, &d) && c >> 19 & 1;
  }
  return known;
}

/*
 * Intel SDM, SHA256RNDS2: the state is kept as two halves, a b e f and c d g h, highest word first; each step does two rounds.
 */
__attribute__((target("sha,sse4.1"))) static void mix_natively(uint32_t *h, const uint8_t *block) {
  const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  __m128i low = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)h), 0xb1);        /* c d a b */
  __m128i high = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(h + 4)), 0x1b); /* e f g h */
  __m128i abef = _mm_alignr_epi8(low, high, 8), cdgh = _mm_blend_epi16(high, low, 0xf0);
  const __m128i abef_before = abef, cdgh_before = cdgh;
  __m128i w[4];
  for (int i = 0; i < 16; i++) {
    __m128i *now = &w[i % 4];
    if (i < 4)
      *now = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(block + i * 16)), swap);
    else {
      const __m128i one = w[(i + 1) % 4], two = w[(i + 2) % 4], three = w[(i + 3) % 4];
      *now = _mm_add_epi32(_mm_sha256msg1_epu32(*now, one), _mm_alignr_epi8(three, two, 4));
      *now = _mm_sha256msg2_epu32(*now, three);
    }
    __m128i sum = _mm_add_epi32(*now, _mm_loadu_si128((const __m128i *)(rounds + i * 4)));
    cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
    abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
  }
  abef = _mm_add_epi32(abef, abef_before), cdgh = _mm_add_epi32(cdgh, cdgh_before);
  low = _mm_shuffle_epi32(abef, 0x1b), high = _mm_shuffle_epi32(cdgh, 0xb1); /* f e b a, d c h g */
  _mm_storeu_si128((__m128i *)h, _mm_blend_epi16(low, high, 0xf0));
  _mm_storeu_si128((__m128i *)(h + 4), _mm_alignr_epi8(high, low, 8));
}

static void mix(uint32_t *h, const uint8_t *block) {
  has_instructions() ? mix_natively(h, block) : mix_portably(h, block);
}
#else
static void mix(uint32_t *h, const uint8_t *block) { mix_portably(h, block); }
#endif

static inline void take(struct sha256 *state, const uint8_t *bytes, size_t length) {
  size_t held = state->length % 64;
  state->length += length;
  if (held) {
    size_t part = length < 64 - held ? length : 64 - held;
    memcpy(state->block + held, bytes, part);
    if (held + part < 64) return;
    mix(state->h, state->block);
    bytes += part, length -= part;
  }
  for (; length >= 64; bytes += 64, length -= 64) mix(state->h, bytes);
  memcpy(state->block, bytes, length);
}

static inline void finish(struct sha256 *state) {
  uint64_t bits = __builtin_bswap64(state->length * 8);
  uint8_t end[72] = {0x80};
  size_t zeros = (119 - state->length % 64) % 64 + 1;
  take(state, end, zeros);
  take(state, (uint8_t *)&bits, 8);
  for (int i = 0; i < 8; i++) state->h[i] = __builtin_bswap32(state->h[i]);
}
