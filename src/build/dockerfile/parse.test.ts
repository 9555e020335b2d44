// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are variables of Dockerfiles
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DockerfileError, parseDockerfile, parseInstruction } from './parse.ts';

const wrong: readonly [text: string, message: string, lines?: string][] = [
  ['', 'failed to parse Dockerfile: file with no instructions', '1-1'],
  ['\n\n# only a comment\n', 'failed to parse Dockerfile: file with no instructions', '3-3'],
  ['ARG A=1\n', 'dockerfile contains no stages to build'],
  ['RUN x\nFROM a', 'no build stage in current context', '1-1'],
  ['FROM a\nFOO b', 'dockerfile parse error on line 2: unknown instruction: FOO (did you mean FROM?)', '2-2'],
  ['FROM a\n\nRUNN b', 'dockerfile parse error on line 3: unknown instruction: RUNN (did you mean RUN?)'],
  ['FROM a\nenvv b', 'dockerfile parse error on line 2: unknown instruction: envv (did you mean env?)'],
  ['FROM a\nconstructor b', 'dockerfile parse error on line 2: unknown instruction: constructor'],

  // FROM
  ['FROM', 'dockerfile parse error on line 1: FROM requires either one or three arguments'],
  ['FROM a b', 'dockerfile parse error on line 1: FROM requires either one or three arguments'],
  ['FROM a is b', 'dockerfile parse error on line 1: FROM requires either one or three arguments'],
  [
    'FROM a AS 1b',
    `dockerfile parse error on line 1: invalid name for build stage: "1b", name can't start with a number or contain symbols`,
  ],
  [
    'FROM a AS a/b',
    `dockerfile parse error on line 1: invalid name for build stage: "a/b", name can't start with a number or contain symbols`,
  ],
  [
    'FROM --platfrom=x a',
    'dockerfile parse error on line 1: unknown flag: --platfrom (did you mean platform?)',
  ],

  // flags
  [
    'FROM a\nCOPY --form=b c d',
    'dockerfile parse error on line 2: unknown flag: --form (did you mean from?)',
  ],
  ['FROM a\nCOPY --nothing c d', 'dockerfile parse error on line 2: unknown flag: --nothing'],
  ['FROM a\nCOPY --toString=x c d', 'dockerfile parse error on line 2: unknown flag: --toString'],
  ['FROM a\nCOPY --chown c d', 'dockerfile parse error on line 2: missing a value on flag: --chown'],
  ['FROM a\nCOPY --link= c d', 'dockerfile parse error on line 2: missing a value on flag: --link'],
  [
    'FROM a\nCOPY --link=yes c d',
    'dockerfile parse error on line 2: expecting boolean value for flag --link, not: yes',
  ],
  [
    'FROM a\nCOPY --from=a --from=b c d',
    'dockerfile parse error on line 2: duplicate flag specified: --from',
  ],
  ['FROM a\nADD --from=a b c', 'dockerfile parse error on line 2: unknown flag: --from'],
  ['FROM a\nENV --a b=c', 'dockerfile parse error on line 2: unknown flag: --a'],
  [
    'FROM a\nCOPY --from=$x b c',
    'dockerfile parse error on line 2: variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround',
  ],

  // RUN
  [
    'FROM a\nRUN --network=none2 x',
    'dockerfile parse error on line 2: unsupported network mode "none2" (did you mean none?)',
  ],
  ['FROM a\nRUN --security=x y', 'dockerfile parse error on line 2: security "x" is not valid'],
  [
    'FROM a\nRUN --mount=from=$b x',
    `dockerfile parse error on line 2: 'from' doesn't support variable expansion, define alias stage instead`,
  ],
  [
    'FROM a\nRUN ["a", 1]',
    'failed to parse Dockerfile: when using JSON array syntax, arrays must be comprised of strings only',
  ],
  ['FROM a\nRUN <<EOF\nx\n', 'failed to parse Dockerfile: unterminated heredoc', '2-3'],
  ['FROM a\nRUN <<a <<b\na\n', 'failed to parse Dockerfile: unterminated heredoc', '2-3'],

  // COPY and ADD
  [
    'FROM a\nCOPY b',
    'dockerfile parse error on line 2: COPY requires at least two arguments, but only one was provided. Destination could not be determined',
  ],
  [
    'FROM a\nADD',
    'dockerfile parse error on line 2: ADD requires at least two arguments, but only one was provided. Destination could not be determined',
  ],
  [
    'FROM a\nCOPY b <<EOF\nEOF',
    'dockerfile parse error on line 2: COPY cannot accept a heredoc as a destination',
    '2-3',
  ],
  [
    'FROM a\nCOPY <<"b c" /d\nb c\n',
    'dockerfile parse error on line 2: COPY: the name of a heredoc can not hold blanks',
  ],

  // names and values
  ['FROM a\nENV', 'dockerfile parse error on line 2: ENV requires at least one argument'],
  ['FROM a\nENV b', 'failed to parse Dockerfile: ENV must have two arguments'],
  ['FROM a\nENV =b', 'dockerfile parse error on line 2: ENV names can not be blank'],
  [
    'FROM a\nENV b=c d',
    `failed to parse Dockerfile: Syntax error - can't find = in "d". Must be of the form: name=value`,
  ],
  ['FROM a\nLABEL b', 'failed to parse Dockerfile: LABEL must have two arguments'],
  ['FROM a\nARG', 'dockerfile parse error on line 2: ARG requires at least one argument'],
  ['FROM a\nARG =x', 'dockerfile parse error on line 2: ARG names can not be blank'],

  // the rest
  [
    'FROM a\nSHELL sh -c',
    'dockerfile parse error on line 2: SHELL requires the arguments to be in JSON form',
  ],
  ['FROM a\nSHELL []', 'dockerfile parse error on line 2: SHELL requires at least one argument'],
  ['FROM a\nUSER', 'dockerfile parse error on line 2: USER requires exactly one argument'],
  ['FROM a\nWORKDIR', 'dockerfile parse error on line 2: WORKDIR requires exactly one argument'],
  ['FROM a\nSTOPSIGNAL', 'dockerfile parse error on line 2: STOPSIGNAL requires exactly one argument'],
  ['FROM a\nMAINTAINER', 'dockerfile parse error on line 2: MAINTAINER requires exactly one argument'],
  ['FROM a\nEXPOSE', 'dockerfile parse error on line 2: EXPOSE requires at least one argument'],
  ['FROM a\nVOLUME', 'dockerfile parse error on line 2: VOLUME requires at least one argument'],
  [
    'FROM a\nVOLUME ["/x", " "]',
    'dockerfile parse error on line 2: VOLUME specified can not be an empty string',
  ],
  ['FROM a\nONBUILD', 'dockerfile parse error on line 2: ONBUILD requires at least one argument'],
  [
    'FROM a\nONBUILD onbuild RUN x',
    "dockerfile parse error on line 2: Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed",
  ],
  ['FROM a\nONBUILD from b', "dockerfile parse error on line 2: FROM isn't allowed as an ONBUILD trigger"],
  [
    'FROM a\nONBUILD MAINTAINER b',
    "dockerfile parse error on line 2: MAINTAINER isn't allowed as an ONBUILD trigger",
  ],
  ['FROM a\nONBUILD ENV b', 'failed to parse Dockerfile: ENV must have two arguments'],
  ['FROM a\nHEALTHCHECK', 'dockerfile parse error on line 2: HEALTHCHECK requires at least one argument'],
  ['FROM a\nHEALTHCHECK NONE x', 'dockerfile parse error on line 2: HEALTHCHECK NONE takes no arguments'],
  ['FROM a\nHEALTHCHECK CMD', 'dockerfile parse error on line 2: Missing command after HEALTHCHECK CMD'],
  [
    'FROM a\nHEALTHCHECK curl',
    'dockerfile parse error on line 2: Unknown type "CURL" in HEALTHCHECK (try CMD)',
  ],
  [
    'FROM a\nHEALTHCHECK --timeout=1s2x CMD x',
    'dockerfile parse error on line 2: time: unknown unit "x" in duration "1s2x"',
  ],
  ['FROM a\nHEALTHCHECK --timeout=x CMD x', 'dockerfile parse error on line 2: time: invalid duration "x"'],
  [
    'FROM a\nHEALTHCHECK --interval=1 CMD x',
    'dockerfile parse error on line 2: time: missing unit in duration "1"',
  ],
  [
    'FROM a\nHEALTHCHECK --timeout=1us CMD x',
    'dockerfile parse error on line 2: Interval "timeout" cannot be less than 1ms',
  ],
  [
    'FROM a\nHEALTHCHECK --retries=-1 CMD x',
    'dockerfile parse error on line 2: --retries cannot be negative (-1)',
  ],
  [
    'FROM a\nHEALTHCHECK --retries=x CMD x',
    'dockerfile parse error on line 2: strconv.ParseInt: parsing "x": invalid syntax',
  ],

  // directives
  [
    '# escape=x\nFROM a',
    "failed to parse Dockerfile: invalid escape token 'x' does not match ` or \\",
    '1-1',
  ],
  [
    '# escape=`\n#escape=`\nFROM a',
    'failed to parse Dockerfile: only one escape parser directive can be used',
    '2-2',
  ],
  ['# check=skip\nFROM a', 'failed to parse Dockerfile: invalid check option "skip"'],
  ['# check=what=A\nFROM a', 'failed to parse Dockerfile: invalid check option "what"'],
  [
    '# check=error=maybe\nFROM a',
    'failed to parse Dockerfile: failed to parse check option "error=maybe": strconv.ParseBool: parsing "maybe": invalid syntax',
  ],
  ...['tonistiigi/dockerfile:x', 'docker/dockerfile:2', 'docker/dockerfile:1.x.y', 'docker.io/library/x'].map(
    (image): [string, string] => [
      `# syntax=${image} arguments\nFROM a`,
      `failed to parse Dockerfile: unsupported syntax "${image}": built in is docker/dockerfile:1, other frontends can not be run`,
    ],
  ),

  // limits
  [
    `FROM a\nRUN ${'x'.repeat(65536)}`,
    'failed to parse Dockerfile: dockerfile line greater than max allowed size of 65535',
    '2-2',
  ],
  [
    `FROM a\n${'#\n'.repeat(2100000)}`,
    'failed to parse Dockerfile: Dockerfile exceeds maximum allowed size of 4194304 bytes',
  ],
  [`FROM a\n${'RUN\n'.repeat(10000)}`, 'more than 10000 instructions', '10001-10001'],
];

for (const [text, message, lines] of wrong) {
  test(`refuses ${JSON.stringify(text.slice(0, 60))}: ${message.slice(0, 60)}`, () => {
    const error = thrownBy(() => parseDockerfile(text));
    assert.equal(error.message, message);
    assert.equal(error.kind, 'invalid');
    const { start, end } = error.location;
    if (lines !== undefined) assert.equal(`${start.line}-${end.line}`, lines);
  });
}

const syntaxes = [
  'docker/dockerfile',
  'docker/dockerfile:latest',
  'docker/dockerfile:labs',
  'docker/dockerfile:experimental',
  'docker/dockerfile:1',
  'docker/dockerfile:1-labs',
  'docker/dockerfile:1.0-experimental',
  'docker/dockerfile:1.4.3-labs',
  'docker/dockerfile:1.7.0-rc2',
  'docker.io/docker/dockerfile-upstream:master',
  `docker/dockerfile:1@sha256:${'0'.repeat(64)}`,
];
for (const image of syntaxes)
  test(`the syntax ${image} is built in`, () => {
    const { directives } = parseDockerfile(`#syntax=${image}\nFROM a`);
    assert.equal(directives.syntax, image);
  });

test('a message shows no more of a text than helps', () => {
  const long = 'x'.repeat(60_000);
  for (const text of [long, `FROM a AS 1${long}`, `FROM a\nENV a=b ${long}`])
    assert.ok(thrownBy(() => parseDockerfile(text)).message.length < 700);
});

test('bytes are read as UTF-8, and what is none is replaced', () => {
  const { stages } = parseDockerfile(Buffer.from('46524f4d20c3a9ff', 'hex'));
  assert.equal(stages[0]!.from.base, 'é\ufffd');
});

test('lines are those of an editor', () => {
  assert.deepEqual(parseDockerfile('\ufeffFROM a\r\n\nCMD x\n').lines, ['FROM a', '', 'CMD x', '']);
});

test('a line of the greatest length is read', () => {
  const text = `RUN ${'x'.repeat(65531)}`;
  assert.equal(parseDockerfile(`FROM a\n${text}\n`).stages[0]!.instructions[0]!.original, text);
});

test('an instruction by itself, as a trigger has it', () => {
  const instruction = parseInstruction('COPY <<a <<-b /x/\n1\na\n\t2\nb');
  assert.equal(instruction.kind, 'COPY');
  assert.deepEqual(
    instruction.heredocs.map(({ content }) => content),
    ['1\n', '2\n'],
  );
  const env = parseInstruction('env A=` b', { escape: '`' });
  assert.deepEqual(env.kind === 'ENV' && env.pairs, [{ key: 'A', value: '` b' }]);
});

const notOne: readonly [string, string][] = [
  ['', 'file with no instructions'],
  ['FROM a', 'FROM is not allowed here'],
  ['RUN a\nRUN b', 'only one instruction is allowed here'],
  ['RUNS a', 'unknown instruction: RUNS (did you mean RUN?)'],
];
for (const [text, message] of notOne)
  test(`is not one instruction: ${JSON.stringify(text)}`, () => {
    assert.equal(thrownBy(() => parseInstruction(text)).message, message);
  });

test('a trigger is read back as it was', () => {
  const { stages } = parseDockerfile('FROM a\nONBUILD RUN <<-EOF cat <<"x"\n\ta\n\tEOF\n$b\nx\n');
  const [onbuild] = stages[0]!.instructions;
  assert.equal(onbuild!.kind, 'ONBUILD');
  const run = parseInstruction(onbuild!.kind === 'ONBUILD' ? onbuild!.trigger : '');
  assert.deepEqual(run.heredocs, onbuild!.heredocs);
});

function thrownBy(action: () => unknown): DockerfileError {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof DockerfileError, String(error));
    return error;
  }
  return assert.fail('was accepted');
}
