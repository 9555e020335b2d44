import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ignorePatterns } from '#archive/path-pattern.ts';
import { hostPlatform } from '#oci/platform.ts';
import { parseDockerfile } from '../dockerfile/parse.ts';
import { type CheckRequest, checkDockerfile } from './check.ts';
import { type RuleName, rules, urlOf } from './rules.ts';

const known = { baseEnv: () => ['HOME_OF_BASE'], everyStage: true };
const experimental = '# check=experimental=all\n';

/** Each line: what is found, as `rule:line:detail`; a near miss finds nothing. */
const cases: [dockerfile: string, found: string[], request?: CheckRequest][] = [
  ['FROM a AS Base', ["StageNameCasing:1:Stage name 'Base' should be lowercase"]],
  ['FROM a AS base', []],

  ['FROM a as base', ["FromAsCasing:1:'as' and 'FROM' keywords' casing do not match"]],
  ['from a AS base', ["FromAsCasing:1:'AS' and 'from' keywords' casing do not match"]],
  ['from a as base', []],
  [
    'From a as base',
    [
      "ConsistentInstructionCasing:1:Command 'From' should match the case of the command majority (uppercase)",
    ],
  ],

  ['FROM a\nRUN x \\\n\n  y', ['NoEmptyContinuation:4:Empty continuation line']],
  ['FROM a\nRUN x \\\n# y\n  z', []],

  [
    'FROM a\nrun x\nRUN y',
    ["ConsistentInstructionCasing:2:Command 'run' should match the case of the command majority (uppercase)"],
  ],
  [
    'from a\nrun x\nRUN y',
    ["ConsistentInstructionCasing:3:Command 'RUN' should match the case of the command majority (lowercase)"],
  ],
  [
    'FROM a\nrun x',
    ["ConsistentInstructionCasing:2:Command 'run' should match the case of the command majority (uppercase)"],
  ],
  ['from a\nrun x', []],

  [
    'FROM a AS x\nFROM b AS x',
    ['DuplicateStageName:2:Duplicate stage name "x", stage names should be unique'],
  ],
  ['FROM a AS x\nFROM b AS y', []],

  [
    'FROM a AS scratch',
    ['ReservedStageName:1:Stage name should not use the same name as reserved stage "scratch"'],
  ],
  [
    'FROM a AS context',
    ['ReservedStageName:1:Stage name should not use the same name as reserved stage "context"'],
  ],
  ['FROM scratch AS contexts', []],

  [
    'FROM a\nCMD x',
    [
      'JSONArgsRecommended:2:JSON arguments recommended for CMD to prevent unintended behavior related to OS signals',
    ],
  ],
  [
    'FROM a\nENTRYPOINT x',
    [
      'JSONArgsRecommended:2:JSON arguments recommended for ENTRYPOINT to prevent unintended behavior related to OS signals',
    ],
  ],
  ['FROM a\nCMD ["x"]', []],
  ['FROM a\nSHELL ["bash", "-c"]\nCMD x', []],
  ['FROM a AS b\nSHELL ["bash", "-c"]\nFROM b\nCMD x', []],

  [
    'FROM a\nMAINTAINER me',
    ['MaintainerDeprecated:2:Maintainer instruction is deprecated in favor of using label'],
  ],
  ['FROM a\nLABEL maintainer=me', []],

  [
    'ARG VERSION=1\nFROM a:${VERSON}x',
    ["UndefinedArgInFrom:2:FROM argument 'VERSON' is not declared (did you mean VERSION?)"],
  ],
  [
    'FROM --platform=$BUILDPLATFROM a',
    ["UndefinedArgInFrom:1:FROM argument 'BUILDPLATFROM' is not declared (did you mean BUILDPLATFORM?)"],
  ],
  ['ARG VERSION=1\nFROM a:$VERSION', []],
  ['FROM --platform=$BUILDPLATFORM a', []],

  [
    'FROM a\nWORKDIR b',
    ['WorkdirRelativePath:2:Relative workdir "b" can have unexpected results if the base image changes'],
  ],
  ['FROM a\nWORKDIR /b\nWORKDIR c', []],
  ['FROM a AS x\nWORKDIR /b\nFROM x\nWORKDIR c', []],

  [
    'FROM a\nARG DIR_ASSETS=1\nCOPY $DIR_ASSET .',
    ["UndefinedVar:3:Usage of undefined variable '$DIR_ASSET' (did you mean $DIR_ASSETS?)"],
    known,
  ],
  ['FROM a\nENV PATH=$PAHT:/b', ["UndefinedVar:2:Usage of undefined variable '$PAHT' (did you mean $PATH?)"]],
  ['FROM a\nCOPY $nothing .', ["UndefinedVar:2:Usage of undefined variable '$nothing'"], known],
  ['FROM scratch\nCOPY $nothing .', ["UndefinedVar:2:Usage of undefined variable '$nothing'"]],
  ['FROM a\nCOPY $nothing .', []],
  ['FROM a\nARG foo\nCOPY $foo .', [], known],
  ['FROM a\nCOPY $HOME_OF_BASE .', [], known],
  ['FROM a\nRUN echo $nothing', [], known],
  ["FROM a\nLABEL x='$nothing'", [], known],
  ['FROM a AS b\nENV x=1\nFROM b\nCOPY $x .', [], known],
  ['FROM a\nARG x=$y', [], { ...known, buildArgs: { x: '1' } }],

  [
    'FROM a\nCMD ["a"]\nCMD ["b"]',
    [
      'MultipleInstructionsDisallowed:2:Multiple CMD instructions should not be used in the same stage because only the last one will be used',
    ],
  ],
  [
    'FROM a\nHEALTHCHECK NONE\nHEALTHCHECK CMD x',
    [
      'MultipleInstructionsDisallowed:2:Multiple HEALTHCHECK instructions should not be used in the same stage because only the last one will be used',
    ],
  ],
  ['FROM a AS b\nCMD ["a"]\nFROM b\nCMD ["b"]', []],

  [
    'FROM a\nENV x y',
    ['LegacyKeyValueFormat:2:"ENV key=value" should be used instead of legacy "ENV key value" format'],
  ],
  [
    'FROM a\nLABEL x y',
    ['LegacyKeyValueFormat:2:"LABEL key=value" should be used instead of legacy "LABEL key value" format'],
  ],
  ['FROM a\nENV x=y z=1', []],

  [
    'FROM --platform=$TARGETPLATFORM a',
    [
      'RedundantTargetPlatform:1:Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior',
    ],
  ],
  ['FROM --platform=$BUILDPLATFORM a', []],

  [
    'FROM a\nARG API_KEY',
    ['SecretsUsedInArgOrEnv:2:Do not use ARG or ENV instructions for sensitive data (ARG "API_KEY")'],
  ],
  [
    'FROM a\nENV password=1',
    ['SecretsUsedInArgOrEnv:2:Do not use ARG or ENV instructions for sensitive data (ENV "password")'],
  ],
  ['FROM a\nENV MONKEY=1 PUBLIC_KEY=2 AUTHOR=3', []],

  [
    'ARG TAG\nFROM a:$TAG',
    ['InvalidDefaultArgInFrom:2:Default value for ARG a:$TAG results in empty or invalid base image name'],
    { buildArgs: { TAG: '1' } },
  ],
  [
    'ARG IMAGE\nFROM $IMAGE',
    ['InvalidDefaultArgInFrom:2:Default value for ARG $IMAGE results in empty or invalid base image name'],
  ],
  ['ARG TAG=1\nFROM a:$TAG', []],
  ['ARG TAG\nFROM a:${TAG:-1}', []],

  [
    'FROM --platform=linux/arm64 a',
    ['FromPlatformFlagConstDisallowed:1:FROM --platform flag should not use constant value "linux/arm64"'],
  ],
  ['FROM --platform=linux/arm64 a AS build_arm64', []],
  ['ARG P=linux/arm64\nFROM --platform=$P a', []],

  [
    `${experimental}FROM a\nCOPY a/b .`,
    ['CopyIgnoredFile:3:Attempting to Copy file "a/b" that is excluded by .dockerignore'],
    { ignores: ignorePatterns('a') },
  ],
  [
    `${experimental}FROM a\nADD /a .`,
    ['CopyIgnoredFile:3:Attempting to Add file "/a" that is excluded by .dockerignore'],
    { ignores: ignorePatterns('a') },
  ],
  [`${experimental}FROM a\nCOPY a/b .`, [], { ignores: ignorePatterns('a\n!a/b') }],
  [
    `${experimental}FROM a AS x\nCOPY --from=x2 a .\nADD https://h/a .`,
    [],
    { ignores: ignorePatterns('**') },
  ],
  ['FROM a\nCOPY a .', [], { ignores: ignorePatterns('a') }],

  [
    `${experimental}\n# what it is\nFROM a AS b`,
    ['InvalidDefinitionDescription:4:Comment for FROM should follow the format: `# b <description>`'],
  ],
  [
    `${experimental}\n# what it is\nARG x=1\nFROM a`,
    ['InvalidDefinitionDescription:4:Comment for ARG should follow the format: `# x <description>`'],
  ],
  [
    `${experimental}\n# what it is\nARG x=1 y=2\nFROM a`,
    ['InvalidDefinitionDescription:4:Comment for ARG should follow the format: `# <arg_key> <description>`'],
  ],
  [`${experimental}\n# b what it is\nFROM a AS b`, []],
  [`${experimental}\n# what it is\n\nFROM a AS b`, []],
  ['# what it is\nFROM a AS b', []],

  [
    'FROM a\nEXPOSE 80/TCP',
    ["ExposeProtoCasing:2:Defined protocol '80/TCP' in EXPOSE instruction should be lowercase"],
  ],
  ['FROM a\nEXPOSE 80/tcp 53/udp', []],

  [
    'FROM a\nEXPOSE 127.0.0.1:80:80',
    [
      "ExposeInvalidFormat:2:EXPOSE instruction should not define an IP address or host-port mapping, found '127.0.0.1:80:80'",
    ],
  ],
  ['FROM a\nENV p=8000-8010\nEXPOSE $p', []],

  [
    'FROM a',
    [
      'InvalidBaseImagePlatform:1:Base image a was pulled with platform "linux/s390x", expected "linux/amd64" for current build',
    ],
    {
      platform: { os: 'linux', architecture: 'amd64' },
      basePlatform: () => ({ os: 'linux', architecture: 's390x' }),
    },
  ],
  ['FROM a', [], { basePlatform: () => hostPlatform }],

  // which rules are run
  [
    '# check=skip=MaintainerDeprecated\nFROM a AS B\nMAINTAINER m',
    ["StageNameCasing:2:Stage name 'B' should be lowercase"],
  ],
  ['# check=skip=all\nFROM a AS B\nMAINTAINER m', []],
  ['FROM a AS B', [], { buildArgs: { BUILDKIT_DOCKERFILE_CHECK: 'skip=all' } }],
  [
    '# check=skip=all\nFROM a AS B',
    ["StageNameCasing:2:Stage name 'B' should be lowercase"],
    { buildArgs: { BUILDKIT_DOCKERFILE_CHECK: 'error=false' } },
  ],
  // which stages
  ['FROM a AS b\nWORKDIR x\nFROM c', []],
  [
    'FROM a AS b\nWORKDIR x\nFROM c',
    ['WorkdirRelativePath:2:Relative workdir "x" can have unexpected results if the base image changes'],
    { everyStage: true },
  ],
  [
    'FROM a AS b\nWORKDIR x\nFROM c',
    ['WorkdirRelativePath:2:Relative workdir "x" can have unexpected results if the base image changes'],
    { target: 'b' },
  ],
];

for (const [dockerfile, found, request] of cases)
  test(`${JSON.stringify(dockerfile)}${request ? ` ${JSON.stringify(request)}` : ''}`, () => {
    const { warnings } = checkDockerfile(parseDockerfile(dockerfile), request);
    assert.deepEqual(
      warnings.map(({ rule, location, detail }) => `${rule}:${location?.startLine}:${detail}`),
      found,
    );
  });

test('every rule is in the table', () => {
  const seen = new Set(cases.flatMap(([, found]) => found.map((line) => line.split(':')[0])));
  assert.deepEqual([...seen].sort(), Object.keys(rules).sort());
  assert.equal(seen.size, 22);
});

test('a warning is described, and says where to read on', () => {
  const [warning] = checkDockerfile(parseDockerfile('FROM a\nCMD x')).warnings;
  assert.deepEqual(warning, {
    rule: 'JSONArgsRecommended',
    description: rules.JSONArgsRecommended.description,
    url: 'https://docs.docker.com/go/dockerfile/rule/json-args-recommended/',
    detail: 'JSON arguments recommended for CMD to prevent unintended behavior related to OS signals',
    location: { startLine: 2, endLine: 2 },
  });
});

const urls: [RuleName, string][] = [
  ['FromAsCasing', 'from-as-casing'],
  ['SecretsUsedInArgOrEnv', 'secrets-used-in-arg-or-env'],
  ['WorkdirRelativePath', 'workdir-relative-path'],
];
for (const [rule, kebab] of urls)
  test(`the page of ${rule}`, () =>
    assert.equal(urlOf(rule), `https://docs.docker.com/go/dockerfile/rule/${kebab}/`));

test('warnings are errors where the Dockerfile says so', () => {
  const text = '# check=error=true\nFROM a AS B\nMAINTAINER m\nMAINTAINER n';
  assert.equal(
    checkDockerfile(parseDockerfile(text)).violation,
    'lint violation found for rules: StageNameCasing, MaintainerDeprecated',
  );
  assert.equal(checkDockerfile(parseDockerfile('# check=error=true\nFROM a')).violation, undefined);
});

test('what the build fails on ends the checks, and is told', () => {
  const { warnings, error } = checkDockerfile(parseDockerfile('FROM a AS B\nCOPY ${x:?} .\nWORKDIR x'));
  assert.deepEqual(
    warnings.map(({ rule }) => rule),
    ['StageNameCasing'],
  );
  assert.match(String(error), /x: is not allowed to be unset/);
});

test('options that are not known are refused', () => {
  assert.throws(
    () => checkDockerfile(parseDockerfile('FROM a'), { buildArgs: { BUILDKIT_DOCKERFILE_CHECK: 'what=1' } }),
    /invalid check option "what"/,
  );
});
