/** What is said of a Dockerfile that builds, but not as one may think. */
export interface Rule {
  readonly description: string;
  /** Run only when asked for. */
  readonly experimental?: boolean;
}

const quoted = (text: string): string => JSON.stringify(text);

/**
 * The build checks by name, in BuildKit's words.
 *
 * @see https://docs.docker.com/reference/build-checks/
 */
export const rules = {
  StageNameCasing: { description: 'Stage names should be lowercase' },
  FromAsCasing: { description: "The 'as' keyword should match the case of the 'from' keyword" },
  NoEmptyContinuation: { description: 'Empty continuation lines will become errors in a future release' },
  ConsistentInstructionCasing: {
    description: 'All commands within the Dockerfile should use the same casing (either upper or lower)',
  },
  DuplicateStageName: { description: 'Stage names should be unique' },
  ReservedStageName: { description: 'Reserved words should not be used as stage names' },
  JSONArgsRecommended: {
    description:
      'JSON arguments recommended for ENTRYPOINT/CMD to prevent unintended behavior related to OS signals',
  },
  MaintainerDeprecated: {
    description: 'The MAINTAINER instruction is deprecated, use a label instead to define an image author',
  },
  UndefinedArgInFrom: { description: 'FROM command must use declared ARGs' },
  WorkdirRelativePath: {
    description:
      'Relative workdir without an absolute workdir declared within the build can have unexpected results if the base image changes',
  },
  UndefinedVar: { description: 'Variables should be defined before their use' },
  MultipleInstructionsDisallowed: {
    description: 'Multiple instructions of the same type should not be used in the same stage',
  },
  LegacyKeyValueFormat: {
    description: 'Legacy key/value format with whitespace separator should not be used',
  },
  InvalidBaseImagePlatform: { description: 'Base image platform does not match expected target platform' },
  RedundantTargetPlatform: {
    description:
      'Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior',
  },
  SecretsUsedInArgOrEnv: { description: 'Sensitive data should not be used in the ARG or ENV commands' },
  InvalidDefaultArgInFrom: {
    description: 'Default value for global ARG results in an empty or invalid base image name',
  },
  FromPlatformFlagConstDisallowed: {
    description: 'FROM --platform flag should not use a constant value',
  },
  CopyIgnoredFile: {
    description: 'Attempting to Copy file that is excluded by .dockerignore',
    experimental: true,
  },
  InvalidDefinitionDescription: {
    description:
      'Comment for build stage or argument should follow the format: `# <arg/stage name> <description>`. If this is not intended to be a description comment, add an empty line or comment between the instruction and the comment.',
    experimental: true,
  },
  ExposeProtoCasing: { description: 'Protocol in EXPOSE instruction should be lowercase' },
  ExposeInvalidFormat: {
    description:
      'IP address and host-port mapping should not be used in EXPOSE instruction. This will become an error in a future release',
  },
} as const satisfies Record<string, Rule>;

export type RuleName = keyof typeof rules;

/** What each rule says of what it found. */
export const details = {
  StageNameCasing: (name) => `Stage name '${name}' should be lowercase`,
  FromAsCasing: (from, as) => `'${as}' and '${from}' keywords' casing do not match`,
  NoEmptyContinuation: () => 'Empty continuation line',
  ConsistentInstructionCasing: (keyword, casing) =>
    `Command '${keyword}' should match the case of the command majority (${casing})`,
  DuplicateStageName: (name) => `Duplicate stage name ${quoted(name)}, stage names should be unique`,
  ReservedStageName: (name) => `Stage name should not use the same name as reserved stage ${quoted(name)}`,
  JSONArgsRecommended: (keyword) =>
    `JSON arguments recommended for ${keyword} to prevent unintended behavior related to OS signals`,
  MaintainerDeprecated: () => 'Maintainer instruction is deprecated in favor of using label',
  UndefinedArgInFrom: (name, suggestion = '') => `FROM argument '${name}' is not declared${suggestion}`,
  WorkdirRelativePath: (path) =>
    `Relative workdir ${quoted(path)} can have unexpected results if the base image changes`,
  UndefinedVar: (name, suggestion = '') => `Usage of undefined variable '$${name}'${suggestion}`,
  MultipleInstructionsDisallowed: (keyword) =>
    `Multiple ${keyword} instructions should not be used in the same stage because only the last one will be used`,
  LegacyKeyValueFormat: (keyword) =>
    `"${keyword} key=value" should be used instead of legacy "${keyword} key value" format`,
  InvalidBaseImagePlatform: (image, expected, actual) =>
    `Base image ${image} was pulled with platform ${quoted(actual)}, expected ${quoted(expected)} for current build`,
  RedundantTargetPlatform: (variable) =>
    `Setting platform to predefined ${variable} in FROM is redundant as this is the default behavior`,
  SecretsUsedInArgOrEnv: (keyword, name) =>
    `Do not use ARG or ENV instructions for sensitive data (${keyword} ${quoted(name)})`,
  InvalidDefaultArgInFrom: (base) =>
    `Default value for ARG ${base} results in empty or invalid base image name`,
  FromPlatformFlagConstDisallowed: (platform) =>
    `FROM --platform flag should not use constant value ${quoted(platform)}`,
  CopyIgnoredFile: (verb, file) =>
    `Attempting to ${verb} file ${quoted(file)} that is excluded by .dockerignore`,
  InvalidDefinitionDescription: (keyword, name) =>
    `Comment for ${keyword} should follow the format: \`# ${name} <description>\``,
  ExposeProtoCasing: (port) => `Defined protocol '${port}' in EXPOSE instruction should be lowercase`,
  ExposeInvalidFormat: (port) =>
    `EXPOSE instruction should not define an IP address or host-port mapping, found '${port}'`,
} as const satisfies Record<RuleName, (...words: never[]) => string> as {
  readonly [N in RuleName]: (...words: string[]) => string;
};

/** Where a rule is explained. */
export const urlOf = (rule: RuleName): string => {
  const kebab = rule.replace(/(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, '-').toLowerCase();
  return `https://docs.docker.com/go/dockerfile/rule/${kebab}/`;
};
