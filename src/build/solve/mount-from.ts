/** The `from=` of a `--mount` as written: for the graph, before anything is read properly. */
export function mountFrom(mount: string): string | undefined {
  const field = mount.split(',').find((text) => text.trim().startsWith('from='));
  return field === undefined ? undefined : field.trim().slice('from='.length);
}
