const stubs =
  "the reference of this age leaves the directories that it mounted on; today's removes them, as we do";
const fourTimes = 'Docker 25 added a fourth time, the start interval, to what history shows';
const chown = 'BuildKit of today shows --chown in the history, as we do; this one did not';

/** What of a build comes out otherwise than dockerd's, and why that is right. */
export const buildDifferences: Readonly<
  Record<
    string,
    { readonly parts: readonly ('failed' | 'files' | 'config' | 'history')[]; readonly why: string }
  >
> = {
  'RUN as another user (buildKit)': {
    parts: ['files'],
    why: "the reference of this age leaves the group out of the supplementary ones; today's does as runc and we do",
  },
  HEALTHCHECK: { parts: ['history'], why: fourTimes },
  'HEALTHCHECK in exec form': { parts: ['history'], why: fourTimes },
  'HEALTHCHECK NONE': { parts: ['history'], why: fourTimes },
  'COPY --chown by number (buildKit)': { parts: ['history'], why: chown },
  'COPY --chown by name (buildKit)': { parts: ['history'], why: chown },
  'ADD --chown (buildKit)': { parts: ['history'], why: chown },
  'a mount from a stage': { parts: ['files'], why: stubs },
  'a mount from the context': { parts: ['files'], why: stubs },
  'a mount of one file': { parts: ['files'], why: stubs },
  'a writable mount that is forgotten': { parts: ['files'], why: stubs },
  'a cache mount': { parts: ['files'], why: stubs },
  'a tmpfs mount': { parts: ['files'], why: stubs },
  'a secret': { parts: ['files'], why: stubs },
};
