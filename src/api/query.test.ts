import assert from 'node:assert/strict';
import test from 'node:test';
import { checkFilters, parseFilters, queryBoolean, queryInteger, queryOf, queryTime } from './query.ts';

const flags: [value: string | null, want: boolean][] = [
  [null, false],
  ['', false],
  ['0', false],
  ['no', false],
  ['False', false],
  ['none', false],
  ['1', true],
  ['true', true],
  ['yes', true],
];
for (const [value, want] of flags) {
  test(`the flag ${JSON.stringify(value)} is ${want}`, () => assert.equal(queryBoolean(value), want));
}

test('an absent flag takes its default', () => assert.equal(queryBoolean(null, true), true));

test('integers', () => {
  assert.equal(queryInteger('10'), 10);
  assert.equal(queryInteger('-1'), -1);
  assert.equal(queryInteger(''), undefined);
  assert.throws(() => queryInteger('ten'), {
    kind: 'invalid',
    message: 'strconv.Atoi: parsing "ten": invalid syntax',
  });
});

const filters: [text: string | null, want: object][] = [
  [null, {}],
  ['{}', {}],
  ['{"label":["a","b=c"]}', { label: ['a', 'b=c'] }],
  ['{"label":{"a":true,"b=c":true}}', { label: ['a', 'b=c'] }],
  ['{"dangling":null}', { dangling: [] }],
];
for (const [text, want] of filters) {
  test(`filters ${text}`, () => assert.deepEqual(parseFilters(text), want));
}
for (const text of ['x', '[]', '{"label":"a"}', '{"label":[1]}', '3']) {
  test(`filters ${text} are refused`, () => assert.throws(() => parseFilters(text), { kind: 'invalid' }));
}

test('an unknown filter is named', () => {
  assert.throws(() => checkFilters({ bogus: ['1'] }, ['label']), { message: "invalid filter 'bogus'" });
});

test('times are seconds with a fraction, or dates', () => {
  assert.equal(queryTime('1700000000.5'), 1_700_000_000_500);
  assert.equal(queryTime('2023-11-14T22:13:20Z'), 1_700_000_000_000);
  assert.throws(() => queryTime('yesterday'), { kind: 'invalid' });
});

const targets: readonly (readonly [target: string | undefined, query: string])[] = [
  [undefined, ''],
  ['/info', ''],
  ['/info?', ''],
  ['/info?a=1&b=%3F?', 'a=1&b=%3F%3F'],
];
for (const [target, query] of targets)
  test(`the query of ${target}`, () => assert.equal(queryOf(target).toString(), query));
