import type { BuildWarning, SourceRange } from '#api/build.ts';
import type { CheckResult } from '#api/build-calls.ts';
import { messageOf } from '#base/errors.ts';
import { DockerfileError } from '../dockerfile/dockerfile-error.ts';
import type { Dockerfile } from '../dockerfile/syntax.ts';
import type { Checked } from './check.ts';
import { callLocation, sourceOf } from './outline.ts';

/** `--call=check` of a Dockerfile of that name. */
export function checkResult(
  { warnings, error }: Checked,
  dockerfile: Dockerfile,
  filename: string,
): CheckResult {
  return {
    warnings: warnings.map(ofWarning),
    sources: [{ filename, language: 'Dockerfile', data: sourceOf(dockerfile) }],
    ...(error === undefined ? {} : { buildError: ofError(error) }),
  };
}

const ofWarning = ({ rule, description, url, detail, location }: BuildWarning) => ({
  ruleName: rule,
  description,
  url,
  detail,
  location: { ranges: location === undefined ? [] : [rangeOf(location)] },
});

const rangeOf = ({ startLine, endLine }: SourceRange) => ({
  start: { line: startLine },
  end: { line: endLine },
});

const ofError = (error: unknown) => ({
  message: messageOf(error),
  location: error instanceof DockerfileError ? callLocation(error.location) : { ranges: [] },
});
