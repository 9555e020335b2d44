/**
 * A reporter for node's test runner: writes one JSON object with how many tests passed, failed and were skipped, and
 * every skip with its reason, so that the sum of several runs can be printed and skips held against the list allowed.
 */
export default async function* countReporter(events) {
  const counts = { passed: 0, failed: 0, skipped: [], failures: [] };
  for await (const { type, data } of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    if (data.details?.type === 'suite') continue;
    if (data.skip !== undefined)
      counts.skipped.push({ name: data.name, reason: String(data.skip), file: data.file });
    else if (type === 'test:pass') counts.passed += 1;
    else {
      counts.failed += 1;
      counts.failures.push({ name: data.name, file: data.file });
    }
  }
  yield JSON.stringify(counts);
}
