/** What one step did. */
export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Takes out what differs between two runs of the same daemon: ids, times, addresses and the daemon's own paths. */
export function normalise(text: string, folder: string): string {
  return text
    .replaceAll(folder, 'FOLDER')
    .replace(/sha256:[0-9a-f]{64}/g, 'DIGEST')
    .replace(/\b[0-9a-f]{64}\b/g, 'ID')
    .replace(/\b[0-9a-f]{12}\b/g, 'ID')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*(Z|[+-]\d\d:\d\d)/g, 'TIME')
    .replace(/\b172\.\d+\.\d+\.\d+\b/g, 'ADDRESS')
    .replace(/^Run 'docker .*$/gm, '')
    .trimEnd();
}
