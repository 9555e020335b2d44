import assert from 'node:assert/strict';
import test from 'node:test';
import { nameBytes, queryOf, replyTo, TYPES, told } from '../../../test/fixtures/dns.ts';
import {
  type Answer,
  fitted,
  type Query,
  RCODE,
  readQuery,
  replyCode,
  TYPE,
  writeRefusal,
  writeReply,
} from './message.ts';

const read = (bytes: Buffer): Query => {
  const query = readQuery(bytes);
  assert.equal(typeof query, 'object');
  return query as Query;
};

const header = (flags: number, ...counts: number[]): Buffer => {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt16BE(7, 0);
  bytes.writeUInt16BE(flags, 2);
  for (const [at, count] of counts.entries()) bytes.writeUInt16BE(count, 4 + 2 * at);
  return bytes;
};
const asked = (...parts: (Buffer | number[])[]) => Buffer.concat(parts.map((part) => Buffer.from(part)));
const longest = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}`;

test('a query is read: its name in lower case, and how long a reply may be', () => {
  const { question, udpBytes, edns, recursionDesired } = read(
    queryOf({ name: 'Web.Example', type: TYPES.AAAA }),
  );
  assert.deepEqual(question, { name: 'web.example', type: TYPES.AAAA, class: 1 });
  assert.deepEqual(
    { udpBytes, edns, recursionDesired },
    { udpBytes: 512, edns: false, recursionDesired: true },
  );
  assert.equal(read(queryOf({ name: 'web', edns: 1400 })).udpBytes, 1400);
  assert.equal(read(queryOf({ name: 'web', edns: 100 })).udpBytes, 512);
  assert.equal(read(queryOf({ name: 'web', edns: 65_535 })).udpBytes, 65_507);
  assert.equal(read(queryOf({ name: '' })).question.name, '');
  assert.equal(read(queryOf({ name: longest })).question.name, longest);
  const pointed = asked(
    header(0, 1, 1),
    nameBytes('a'),
    [0, 1, 0, 1],
    [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0],
  );
  assert.equal(read(pointed).question.name, 'a');
});

const refused: readonly [what: string, bytes: Buffer, expected: number | undefined][] = [
  ['nothing', Buffer.alloc(0), undefined],
  ['half a header', Buffer.alloc(11), undefined],
  ['a reply', header(0x8000, 1), undefined],
  ['an update', header(0x2800, 1), RCODE.notImplemented],
  ['no question', header(0), RCODE.formatError],
  [
    'two questions',
    asked(header(0, 2), nameBytes('a'), [0, 1, 0, 1], nameBytes('b'), [0, 1, 0, 1]),
    RCODE.formatError,
  ],
  ['a question that is missing', header(0, 1), RCODE.formatError],
  ['a name without an end', asked(header(0, 1), [1, 97]), RCODE.formatError],
  ['a label beyond the end', asked(header(0, 1), [63, 97]), RCODE.formatError],
  ['no type', asked(header(0, 1), nameBytes('a'), [0, 1, 0]), RCODE.formatError],
  ['a name that points to itself', asked(header(0, 1), [0xc0, 12, 0, 1, 0, 1]), RCODE.formatError],
  ['a label of a kind that is not', asked(header(0, 1), [0x41, 97, 0, 0, 1, 0, 1]), RCODE.formatError],
  ['a name of 256 bytes', queryOf({ name: `${longest}d`, id: 7 }), RCODE.formatError],
  ['a record that is missing', asked(header(0, 1, 0, 0, 1), nameBytes('a'), [0, 1, 0, 1]), RCODE.formatError],
  [
    'more records than bytes',
    asked(header(0, 1, 65_535, 65_535, 65_535), nameBytes('a'), [0, 1, 0, 1], Buffer.alloc(11)),
    RCODE.formatError,
  ],
  [
    'data beyond the end',
    asked(header(0, 1, 0, 0, 1), nameBytes('a'), [0, 1, 0, 1], [0, 0, 41, 2, 0, 0, 0, 0, 0, 0, 1]),
    RCODE.formatError,
  ],
  [
    'EDNS twice',
    asked(
      header(0, 1, 0, 0, 2),
      nameBytes('a'),
      [0, 1, 0, 1],
      [0, 0, 41, 2, 0, 0, 0, 0, 0, 0, 0],
      [0, 0, 41, 2, 0, 0, 0, 0, 0, 0, 0],
    ),
    RCODE.formatError,
  ],
  [
    'EDNS of a name',
    asked(
      header(0, 1, 0, 0, 1),
      nameBytes('a'),
      [0, 1, 0, 1],
      nameBytes('b'),
      [0, 41, 2, 0, 0, 0, 0, 0, 0, 0],
    ),
    RCODE.formatError,
  ],
];
for (const [what, bytes, expected] of refused)
  test(`no query: ${what}`, () => {
    assert.equal(readQuery(bytes), expected);
    if (expected !== undefined)
      assert.deepEqual(told(writeRefusal(bytes, expected)), {
        id: 7,
        code: expected,
        truncated: false,
        answers: [],
        ttls: [],
      });
  });

const addresses = (count: number): Answer[] =>
  Array.from({ length: count }, (_, at) => ({ type: TYPE.A, address: 0x0a000000 + at }));

test('a reply has the question, its answers and, when it was asked with it, EDNS', () => {
  const query = read(queryOf({ name: 'WEB', id: 9, edns: 4096 }));
  const reply = writeReply(query, { rcode: 0, answers: addresses(2), ttl: 600 }, 512);
  assert.deepEqual(told(reply), {
    id: 9,
    code: 0,
    truncated: false,
    answers: ['10.0.0.0', '10.0.0.1'],
    ttls: [600, 600],
    edns: 1232,
  });
  assert.ok(reply.includes('\x03WEB\0'));
  const pointer = writeReply(
    read(queryOf({ name: '1.0.0.10.in-addr.arpa', type: TYPES.PTR })),
    { rcode: 0, answers: [{ type: TYPE.PTR, name: 'web.front' }], ttl: 600 },
    512,
  );
  assert.deepEqual(told(pointer).answers, ['web.front']);
});

test('answers that have no room are left out, and the reply says so', () => {
  const query = read(queryOf({ name: 'web' }));
  const short = writeReply(query, { rcode: 0, answers: addresses(100) }, 512);
  assert.ok(short.length <= 512);
  assert.deepEqual([told(short).truncated, told(short).answers.length], [true, 30]);
  const whole = writeReply(query, { rcode: 0, answers: addresses(100) }, 65_535);
  assert.deepEqual([told(whole).truncated, told(whole).answers.length], [false, 100]);
});

test("a server's message is taken for what was asked alone", () => {
  const bytes = queryOf({ name: 'Example.org', id: 5 });
  const query = read(bytes);
  assert.equal(replyCode(replyTo(bytes), 5, query), 0);
  assert.equal(replyCode(replyTo(bytes, { flags: 0x8183 }), 5, query), RCODE.nameError);
  assert.equal(replyCode(replyTo(queryOf({ name: 'eXAMPLE.ORG', id: 5 })), 5, query), 0);
  const wrong: Readonly<Record<string, Buffer>> = {
    'another id': replyTo(queryOf({ name: 'example.org', id: 6 })),
    'another name': replyTo(queryOf({ name: 'example.com', id: 5 })),
    'another type': replyTo(queryOf({ name: 'example.org', id: 5, type: TYPES.AAAA })),
    'a query': bytes,
    'no question': header(0x8180),
    short: Buffer.alloc(3),
    'a question that is cut off': replyTo(bytes).subarray(0, 20),
  };
  for (const [what, reply] of Object.entries(wrong)) {
    if (what === 'no question') reply.writeUInt16BE(5, 0);
    assert.equal(replyCode(reply, 5, query), undefined, what);
  }
  const unread = header(0x8181);
  assert.equal(replyCode(unread, 7, query), RCODE.formatError, 'a failure need not repeat it');
});

test('what does not fit is asked for again by TCP', () => {
  const bytes = queryOf({ name: 'example.org', id: 5 });
  const records = Array.from({ length: 60 }, () => ({ type: TYPES.A, data: Buffer.of(1, 2, 3, 4) }));
  const long = replyTo(bytes, { records });
  assert.deepEqual(told(fitted(long, read(bytes))), {
    id: 5,
    code: 0,
    truncated: true,
    answers: [],
    ttls: [],
  });
  assert.equal(fitted(long, read(queryOf({ name: 'example.org', edns: 1232 }))), long);
});

/** Random, but the same each time. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state >>> 8;
  }
}

test('whatever comes, reading ends and nothing is thrown', () => {
  const random = numbers(53);
  const below = (limit: number) => random.next().value % limit;
  const query = read(queryOf({ name: 'web.example', id: 1, edns: 4096 }));
  const seeds = [
    queryOf({ name: 'web.example', edns: 4096 }),
    replyTo(queryOf({ name: 'web.example', id: 1 }), { records: [{ type: 1, data: Buffer.alloc(4) }] }),
    ...refused.map(([, bytes]) => bytes),
  ];
  let readable = 0;
  for (let round = 0; round < 50_000; round += 1) {
    const seed = seeds[below(seeds.length)]!;
    const bytes = Buffer.concat([
      below(2) === 0 ? seed : seed.subarray(0, below(seed.length)),
      Buffer.from(Array.from({ length: below(24) }, () => below(256))),
    ]);
    for (let changes = below(4); changes > 0 && bytes.length > 0; changes -= 1)
      bytes[below(bytes.length)] = below(256);
    const found = readQuery(bytes);
    if (typeof found === 'object') {
      readable += 1;
      assert.ok(found.question.name.length <= 253 && found.udpBytes >= 512);
      assert.ok(
        writeReply(found, { rcode: 0, answers: addresses(40), ttl: 1 }, found.udpBytes).length <=
          found.udpBytes,
      );
    } else if (found !== undefined) writeRefusal(bytes, found);
    replyCode(bytes, bytes.length > 1 ? bytes.readUInt16BE(0) : 0, query);
    if (bytes.length >= 12) fitted(bytes, query);
  }
  assert.ok(readable > 1000, `${readable} were queries`);
});
