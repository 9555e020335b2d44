import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { gzipSync } from 'node:zlib';

/** An image of many files for measuring pulls: its layers' files and bytes, like an application on a distribution. */
export interface BigImage {
  readonly files: number;
  readonly bytes: number;
  readonly layers: number;
}

/** Puts the image into a registry on loopback as `big:latest`, with gzip layers. */
export async function pushBigImage(registry: string, image: BigImage): Promise<void> {
  const layers = [];
  const diffIds = [];
  for (let layer = 0; layer < image.layers; layer += 1) {
    const tar = layerTar(layer, image.files / image.layers, image.bytes / image.files);
    diffIds.push(`sha256:${sha256(tar)}`);
    const bytes = gzipSync(tar, { level: 6 });
    layers.push(await putBlob(registry, bytes, 'application/vnd.docker.image.rootfs.diff.tar.gzip'));
  }
  const config = JSON.stringify({
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    config: { Cmd: ['/bin/true'] },
    rootfs: { type: 'layers', diff_ids: diffIds },
    history: diffIds.map((_, layer) => ({ created_by: `layer ${layer}` })),
  });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
    config: await putBlob(registry, Buffer.from(config), 'application/vnd.docker.container.image.v1+json'),
    layers,
  });
  await send(
    'PUT',
    `${registry}/v2/big/manifests/latest`,
    Buffer.from(manifest),
    'application/vnd.docker.distribution.manifest.v2+json',
  );
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function putBlob(registry: string, bytes: Buffer, mediaType: string) {
  const digest = `sha256:${sha256(bytes)}`;
  const location = await send('POST', `${registry}/v2/big/blobs/uploads/`);
  const upload = new URL(location, registry);
  upload.searchParams.set('digest', digest);
  await send('PUT', upload.href, bytes, 'application/octet-stream');
  return { mediaType, digest, size: bytes.length };
}

function send(method: string, url: string, body?: Buffer, type?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-length': body?.length ?? 0,
      ...(type === undefined ? {} : { 'content-type': type }),
    };
    const call = request(url, { method, headers }, (response) => {
      response.resume();
      if ((response.statusCode ?? 500) >= 300) reject(new Error(`${method} ${url}: ${response.statusCode}`));
      else resolve(response.headers.location ?? '');
    });
    call.on('error', reject);
    call.end(body);
  });
}

function layerTar(layer: number, files: number, bytesPerFile: number): Buffer {
  const blocks: Buffer[] = [];
  const random = generator(layer + 1);
  const text = words(random, 1 << 20);
  for (let file = 0; file < files; file += 1) {
    if (file % 100 === 0) blocks.push(header(`layer${layer}/dir${file / 100}/`, 0, '5'));
    const size = Math.max(1, Math.round(bytesPerFile * (0.1 + 1.8 * random())));
    blocks.push(header(`layer${layer}/dir${Math.floor(file / 100)}/file${file}`, size, '0'));
    const body = Buffer.alloc(Math.ceil(size / 512) * 512);
    for (let at = 0; at < size; at += text.length) {
      const from = Math.floor(random() * text.length);
      text.copy(body, at, from, Math.min(text.length, from + size - at));
    }
    blocks.push(body);
  }
  blocks.push(Buffer.alloc(1024));
  return Buffer.concat(blocks);
}

function header(name: string, size: number, type: '0' | '5'): Buffer {
  const block = Buffer.alloc(512);
  block.write(name, 0);
  block.write(type === '5' ? '0000755\0' : '0000644\0', 100);
  block.write('0000000\0', 108);
  block.write('0000000\0', 116);
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  block.write('00000000000\0', 136);
  block.write('        ', 148);
  block.write(type, 156);
  block.write('ustar\0', 257);
  block.write('00', 263);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** A linear congruential generator: the same image each run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Text that compresses about as program files do. */
function words(random: () => number, length: number): Buffer {
  const vocabulary = Array.from({ length: 4000 }, () => Math.floor(random() * 2 ** 40).toString(36));
  let text = '';
  while (text.length < length) text += `${vocabulary[Math.floor(random() ** 2 * vocabulary.length)]} `;
  return Buffer.from(text.slice(0, length), 'latin1');
}
