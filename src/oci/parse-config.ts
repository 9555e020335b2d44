import { invalid } from '#base/errors.ts';
import { parseDigest } from './digest.ts';
import {
  arrayAt,
  type JsonObject,
  objectAt,
  optionalAt,
  parseObject,
  stringAt,
  stringMapAt,
  stringsAt,
} from './document.ts';
import type { ImageConfig } from './image-config.ts';
import { maxConfigBytes } from './manifest.ts';

/**
 * Reads an image's config that someone else wrote. Fields this engine does not know are kept as they are.
 *
 * @throws {EngineError} `invalid` naming the field
 * @see OCI image-spec, config.md
 */
export function parseImageConfig(bytes: Uint8Array): ImageConfig {
  const document = parseObject(bytes, 'config', maxConfigBytes);
  const rootfs = objectAt(document['rootfs'], 'config.rootfs');
  if (rootfs['type'] !== 'layers') throw invalid('config.rootfs.type must be "layers"');
  const diffIds = optionalAt(rootfs['diff_ids'], 'config.rootfs.diff_ids', stringsAt) ?? [];
  for (const field of ['created', 'author', 'docker_version', 'variant', 'os.version'] as const)
    optionalAt(document[field], `config.${field}`, stringAt);
  optionalAt(document['config'], 'config.config', checkRunConfig);
  optionalAt(document['history'], 'config.history', checkHistory);
  return {
    ...(document as unknown as ImageConfig),
    architecture: optionalAt(document['architecture'], 'config.architecture', stringAt) ?? '',
    os: optionalAt(document['os'], 'config.os', stringAt) || 'linux',
    rootfs: { type: 'layers', diff_ids: diffIds.map(parseDigest) },
    ...(document['history'] === null ? { history: [] } : {}),
  };
}

const readers = {
  User: stringAt,
  WorkingDir: stringAt,
  StopSignal: stringAt,
  Env: stringsAt,
  Entrypoint: stringsAt,
  Cmd: stringsAt,
  Shell: stringsAt,
  OnBuild: stringsAt,
  Labels: stringMapAt,
  ExposedPorts: objectAt,
  Volumes: objectAt,
  Healthcheck: objectAt,
} as const;

function checkRunConfig(value: unknown, where: string): void {
  const config: JsonObject = objectAt(value, where);
  for (const [field, read] of Object.entries(readers))
    optionalAt(config[field], `${where}.${field}`, read as typeof objectAt);
}

function checkHistory(value: unknown, where: string): void {
  arrayAt(value, where).forEach((item, index) => {
    const entry = objectAt(item, `${where}[${index}]`);
    for (const field of ['created', 'created_by', 'author', 'comment'])
      optionalAt(entry[field], `${where}[${index}].${field}`, stringAt);
    const empty = entry['empty_layer'];
    if (empty !== undefined && typeof empty !== 'boolean')
      throw invalid(`${where}[${index}].empty_layer must be true or false`);
  });
}
