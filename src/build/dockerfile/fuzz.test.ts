// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are variables of Dockerfiles
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EngineError } from '#base/errors.ts';
import { excerptOf } from './excerpt.ts';
import { expandHeredoc, expandWord, expandWords } from './expand.ts';
import { parseMount } from './mount-flag.ts';
import { DockerfileError, parseDockerfile, parseInstruction } from './parse.ts';
import type { Dockerfile, Instruction } from './syntax.ts';

const directory = join(import.meta.dirname, 'golden');
const corpus = readdirSync(directory)
  .filter((name) => name.endsWith('.Dockerfile'))
  .map((name) => readFileSync(join(directory, name), 'utf8'));

const pieces = [
  ...['\n', '\\\n', '`\n', '\r\n', ' ', '\t', '\0', '\u2028', '\ufeff', '\ud800', '🚀', '#', '# escape=`\n'],
  ...[
    '<<',
    '<<-',
    '<<EOF',
    '<<"E"',
    '3<<x',
    'EOF\n',
    '"',
    "'",
    '\\',
    '`',
    '[',
    ']',
    '["a"',
    '{',
    '}',
    '=',
    ',',
  ],
  ...[
    '$',
    '${',
    '${a',
    '${a:-',
    '${a#',
    '${a//',
    '/',
    '*',
    '?',
    '--',
    '--from=',
    '--mount=',
    '--mount=type=cache,',
  ],
  ...[
    'FROM ',
    'FROM a AS b\n',
    'RUN ',
    'COPY ',
    'ADD ',
    'ENV ',
    'LABEL ',
    'ARG ',
    'ONBUILD ',
    'HEALTHCHECK ',
  ],
  ...['SHELL ', 'VOLUME ', 'EXPOSE ', 'CMD ', 'USER ', '__proto__', 'constructor=', '0', '9'.repeat(30)],
];

/** Numbers from 0 up to 1, the same for a seed. @see Mulberry32 */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function mutated(text: string, random: () => number): string {
  const below = (limit: number) => Math.floor(random() * limit);
  const [start, length] = [below(text.length + 1), below(20)];
  const piece = pieces[below(pieces.length)]!;
  switch (below(5)) {
    case 0:
      return text.slice(0, start) + piece + text.slice(start);
    case 1:
      return text.slice(0, start) + text.slice(start + length);
    case 2:
      return text.slice(0, start) + piece.repeat(1 + below(50)) + text.slice(start + length);
    case 3: {
      const other = corpus[below(corpus.length)]!;
      const from = below(other.length);
      return text.slice(0, start) + other.slice(from, from + 3 * length) + text.slice(start);
    }
    default:
      return text.slice(0, start) + text.slice(start, start + length).repeat(2) + text.slice(start + length);
  }
}

test('whatever a Dockerfile holds, it is read or refused', () => {
  const seed = Number(process.env['FUZZ_SEED'] ?? 1);
  const random = randomOf(seed);
  const until = performance.now() + Number(process.env['FUZZ_MILLISECONDS'] ?? 1500);
  let rounds = 0;
  for (; performance.now() < until && rounds < 1_000_000; rounds++) {
    let text = corpus[Math.floor(random() * corpus.length)]!;
    for (let changes = 1 + Math.floor(random() * 8); changes > 0; changes--) text = mutated(text, random);
    const started = performance.now();
    assert.doesNotThrow(() => tried(text), `seed ${seed}, round ${rounds}: ${JSON.stringify(text)}`);
    assert.ok(performance.now() - started < 1000, `slow: ${JSON.stringify(text)}`);
  }
  assert.ok(rounds > 100, `${rounds} rounds`);
});

// each is what some naive reading takes quadratic or exponential time for
const blanks = ' '.repeat(60_000);
const costly: readonly [name: string, text: string][] = [
  ['a directive with blanks', `#syntax=${blanks}x\n#${blanks}=\nFROM a`],
  ['blanks before a line end', `FROM a\n${`RUN a${blanks}b\\\n`.repeat(20)}`],
  ['an ENV with blanks', `FROM a\n${`ENV a=${blanks}b=c\nENV x${blanks}y\n`.repeat(10)}`],
  ['many words', `FROM a\n${`COPY ${'a '.repeat(32_000)}\n`.repeat(15)}`],
  ['a long instruction', `FROM a\nRUN ${'x \\\n'.repeat(250_000)}y`],
  ['many comments', `FROM a\n${'# x\n'.repeat(250_000)}RUN x`],
  ['many heredocs', `FROM a\nRUN ${'<<a '.repeat(16_000)}\n${'a\n'.repeat(16_000)}`],
  ['a heredoc that does not end', `FROM a\nRUN <<-a\n${'\tb\n'.repeat(250_000)}`],
  ['quotes', `FROM a\nRUN <<x ${`"'`.repeat(30_000)}\n`],
  ['brackets', `FROM a\nRUN ${'['.repeat(60_000)}`],
  ['braces', `FROM a\nCOPY ${'${a:-'.repeat(12_000)} <<b /c\n`],
  ['dollars', `FROM a\nRUN <<b ${'$a'.repeat(30_000)}\nb\n`],
  ['flags', `FROM a\nRUN ${'--mount=a=b '.repeat(5_000)} x`],
  ['an unknown word', `FROM a\n${'RUN'.repeat(20_000)} x`],
  ['stars', `FROM a\nENV a=\${x//${'*a'.repeat(20_000)}/b}`],
];
for (const [name, text] of costly)
  test(`is read in time: ${name}`, () => {
    const started = performance.now();
    tried(text);
    assert.ok(performance.now() - started < 3000, `${performance.now() - started} ms`);
  });

/** Reads a Dockerfile, and does with it what a build would; only what is said to be wrong may be thrown. */
function tried(text: string): void {
  let dockerfile: Dockerfile;
  try {
    dockerfile = parseDockerfile(text);
  } catch (error) {
    if (error instanceof DockerfileError) return;
    throw error;
  }
  for (const { from, instructions } of dockerfile.stages) {
    orInvalid(() => expandWord(from.base, lookup));
    excerptOf(dockerfile, from.location);
    for (const instruction of instructions) used(instruction, dockerfile);
  }
}

const lookup = (name: string): string | undefined => (name === 'a' ? 'a b/c' : undefined);

function used(instruction: Instruction, dockerfile: Dockerfile): void {
  const { escape: character } = dockerfile.directives;
  const { start, end } = instruction.location;
  assert.ok(start.line >= 1 && start.line <= end.line && end.line <= dockerfile.lines.length);
  assert.notEqual(excerptOf(dockerfile, instruction.location), '');
  orInvalid(() => expandWord(instruction.original, lookup, { escape: character }));
  orInvalid(() => expandWords(instruction.original, lookup, { escape: character }));
  for (const { content } of instruction.heredocs) orInvalid(() => expandHeredoc(content, lookup));
  if (instruction.kind === 'RUN') for (const mount of instruction.mounts) orInvalid(() => parseMount(mount));
  if (instruction.kind === 'ONBUILD') orInvalid(() => parseInstruction(instruction.trigger));
  if (instruction.kind === 'COPY' || instruction.kind === 'ADD')
    assert.equal(
      instruction.sources.filter((source) => source.startsWith('<<')).length >= instruction.heredocs.length,
      true,
    );
}

function orInvalid(action: () => unknown): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof EngineError) || error.kind !== 'invalid') throw error;
  }
}
