import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { assertNothingLeft, BuildBench, type Builder, heldAtRest } from '../fixtures/build-bench.ts';
import { importBusybox, installed, slowness, startHoistd, type TestEngine } from '../fixtures/engines.ts';
import { startRelay } from '../fixtures/halting-relay.ts';

/** Build contexts that hold what they should not, or change under the builder's hands. */
const skip = installed('docker') && process.getuid?.() === 0 ? false : 'needs root and docker';
const builders = ['hoist', 'docker'] as const;
let engine: TestEngine;
let bench: BuildBench;
before(async () => {
  if (skip !== false) return;
  engine = await startHoistd();
  importBusybox(engine);
  bench = new BuildBench(engine);
  bench.imageOf('hoist', bench.context('warm', { Dockerfile: 'FROM busybox\nRUN echo warm > /warm\n' }));
});
after(async () => {
  assert.doesNotMatch(engine?.log() ?? '', /Defect in this program/);
  bench?.[Symbol.dispose]();
  await engine?.[Symbol.asyncDispose]();
});

const shell = (script: string, cwd: string) => execFileSync('sh', ['-ec', script], { cwd });

/** What a build of the context prints in its last step, one line sorted after the other. */
function printed(builder: Builder, directory: string, dockerfile: string): string[] {
  writeFileSync(join(directory, 'Dockerfile'), dockerfile);
  const { code, out, err } = bench.build(builder, '--no-cache', directory);
  assert.equal(code, 0, err);
  return (out + err)
    .split('\n')
    .map((line) => line.replace(/^#\d+ \d+\.\d+ /, ''))
    .filter((line) => line.startsWith('=> '))
    .map((line) => line.slice(3))
    .filter((line) => !/^(exporting|writing|naming)/.test(line))
    .sort();
}

test('links that lead out, devices, sockets, pipes and names of any bytes', { skip }, async () => {
  const directory = bench.context('odd', { Dockerfile: '', 'd/file': 'inside' });
  shell(
    `ln -s /etc/passwd absolute; ln -s ../../../../etc/shadow up; ln -s .. d/loop; ln -s self self; ln -s gone dangling
    mkfifo pipe; mknod device c 1 3; printf x > "$(printf 'n\\377\\376')"; printf y > "$(printf 'a\\nb')"`,
    directory,
  );
  const socket = createServer().listen(join(directory, 'socket'));
  await new Promise((resolve) => socket.once('listening', resolve));
  try {
    for (const builder of builders) {
      const names = printed(
        builder,
        directory,
        `FROM busybox\nCOPY . /all/\nRUN cd /all; for f in * d/*; do t=$(stat -c %F "$f"); echo "=> $t: $(echo "$f" | od -An -c | tr -d ' \\n')$(readlink "$f" | sed 's/^/ -> /')"; done\n`,
      );
      assert.deepEqual(names, [
        'directory: d\\n',
        'fifo: pipe\\n',
        'regular file: Dockerfile\\n',
        'regular file: a\\nb\\n',
        'regular file: d/file\\n',
        'regular file: n377376\\n',
        'symbolic link: absolute\\n -> /etc/passwd',
        'symbolic link: d/loop\\n -> ..',
        'symbolic link: dangling\\n -> gone',
        'symbolic link: self\\n -> self',
        'symbolic link: up\\n -> ../../../../etc/shadow',
      ]);
    }
  } finally {
    await new Promise((resolve) => socket.close(resolve));
  }
});

const escapes: readonly (readonly [instruction: string, hoist: RegExp, docker: RegExp])[] = [
  ['COPY absolute /x', /"\/absolute": not found/, /stat absolute: file does not exist/],
  ['COPY up /x', /"\/up": not found/, /stat up: file does not exist/],
  ['COPY absolute/../shadow /x', /not found/, /file does not exist/],
  [
    'COPY folder/hostname /x',
    /"\/folder\/hostname": not found/,
    /stat folder\/hostname: file does not exist/,
  ],
  ['COPY ../../etc/hostname /x', /"\/etc\/hostname": not found/, /forbidden path outside the build context/],
  ['COPY self /x', /too many links in "self"/, /too many links|file does not exist/],
  ['ADD up /x', /"\/up": not found/, /stat up: file does not exist/],
  ['RUN --mount=type=bind,source=folder,target=/m ls /m', /Dockerfile:2/, /./],
];
for (const [instruction, ...says] of escapes) {
  test(`nothing from outside: ${instruction}`, { skip }, async () => {
    const dockerfile = `FROM busybox\n${instruction}\nRUN cat /x\n`;
    const directory = bench.context('escapes', { Dockerfile: dockerfile });
    if (!existsSync(join(directory, 'marker')))
      shell(
        'ln -s /etc/hostname absolute; ln -s ../../../../../../etc/hostname up; ln -s /etc folder; ln -s self self; touch marker',
        directory,
      );
    const earlier = await heldAtRest(engine);
    for (const [index, builder] of builders.entries()) {
      const { code, err } = bench.build(builder, directory);
      assert.match(err, says[index]!);
      assert.equal(code, 1);
      await assertNothingLeft(engine, earlier);
    }
  });
}

test('a tree that is deep, and one that is too deep', { skip }, async () => {
  const directory = bench.context('deep', {
    Dockerfile: 'FROM busybox\nCOPY . /all\nRUN find /all -name leaf\n',
  });
  const deepen = (levels: number) => {
    const deepest = join(directory, ...Array.from({ length: levels }, () => 'd'));
    mkdirSync(deepest, { recursive: true });
    writeFileSync(join(deepest, 'leaf'), 'x');
  };
  deepen(1000);
  for (const builder of builders) {
    const { code, out, err } = bench.build(builder, '--no-cache', directory);
    assert.equal(code, 0, err);
    assert.match(out + err, /\/all\/(d\/){1000}leaf/);
  }
  rmSync(join(directory, 'd'), { recursive: true });
  deepen(1500);
  const earlier = await heldAtRest(engine);
  for (const builder of builders) {
    const { code, err } = bench.build(builder, directory);
    assert.match(err, /too many directories above it|invalid tar header: "d\/d/);
    assert.equal(code, 1);
    await assertNothingLeft(engine, earlier);
  }
});

test('a hundred thousand files', { skip }, () => {
  // in memory: a disk takes longer to make them than a build to read them
  const memory = '/dev/shm';
  using own = new BuildBench(engine, {
    folder: mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'many-')),
  });
  const directory = own.context('many', { Dockerfile: 'FROM busybox\nCOPY . /all\nRUN find /all | wc -l\n' });
  for (let folder = 0; folder < 100; folder += 1) {
    mkdirSync(join(directory, `${folder}`));
    for (let file = 0; file < 1000; file += 1)
      closeSync(openSync(join(directory, `${folder}/${file}`), 'wx'));
  }
  const { code, err } = own.build('hoist', directory);
  assert.equal(code, 0, err);
  assert.match(err, /^#\d+ \d+\.\d+ 100102$/m);
  const classic = own.build('docker', directory);
  assert.match(classic.out, /COPY \. \/all\n ---> Using cache\n/, classic.err);
});

const modes: readonly (readonly [path: string, hoist: RegExp, docker: RegExp])[] = [
  ['file', /can't read '[^']*\/file': permission denied/, /no permission to read from '[^']*\/file'/],
  [
    'folder',
    /can't read '[^']*\/folder': EACCES|can't read '[^']*\/folder': permission denied/,
    /can't stat '[^']*\/folder'/,
  ],
];
for (const [path, ...says] of modes) {
  test(`a ${path} that its builder may not read`, { skip }, async () => {
    const directory = bench.context(`no-${path}`, {
      Dockerfile: 'FROM busybox\nCOPY . /\n',
      file: 'x',
      'folder/in': 'y',
    });
    chmodSync(join(directory, path), 0);
    for (const open of [bench.folder, engine.directory]) chmodSync(open, 0o755);
    chmodSync(engine.socket, 0o666);
    const earlier = await heldAtRest(engine);
    for (const [index, builder] of builders.entries()) {
      const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups'];
      const { status, stderr } = spawnSync('setpriv', [...nobody, ...bench.command(builder, directory)], {
        env: bench.environment(),
        encoding: 'utf8',
        timeout: 30_000 * slowness,
      });
      assert.match(stderr, says[index]!);
      assert.equal(status, 1);
      await assertNothingLeft(engine, earlier);
    }
  });
}

interface Change {
  readonly name: string;
  readonly change: (path: string) => void;
  readonly hoist: RegExp | 'builds';
  readonly docker: RegExp | 'builds' | 'builds or breaks off';
}

const megabyte = 1 << 20;
const changes: readonly Change[] = [
  {
    name: 'become shorter',
    change: (path) => truncateSync(path, 1000),
    hoist: /file "[^"]*\/f\d+" changed while it was sent/,
    docker: /unexpected EOF/,
  },
  {
    name: 'change',
    change: (path) => writeFileSync(path, Buffer.alloc(megabyte, path), { flag: 'r+' }),
    hoist: 'builds',
    docker: 'builds',
  },
  {
    name: 'vanish',
    change: (path) => rmSync(path),
    hoist: /can't read '[^']*\/f\d+': no such file or directory|file "[^"]*\/f\d+" changed while/,
    // docker leaves the file out, or breaks off where it had announced it
    docker: 'builds or breaks off',
  },
];
for (const { name, change, ...ends } of changes) {
  for (const builder of builders) {
    test(`files that ${name} while ${builder} sends them`, { skip }, async () => {
      const directory = bench.context('changing', { Dockerfile: 'FROM busybox\nCOPY . /all\n' });
      const paths = Array.from({ length: 40 }, (_, index) => join(directory, `f${index}`));
      const seed = changes.findIndex((each) => each.name === name) * 2 + builders.indexOf(builder);
      for (const [index, path] of paths.entries())
        writeFileSync(path, Buffer.alloc(megabyte, seed * 40 + index));
      const earlier = await heldAtRest(engine);
      const upload = builder === 'hoist' ? /^PUT \S+\/files /m : /^POST \S+\/build\?/m;
      await using relay = await startRelay(engine, upload);
      const begun = bench.over(relay.host).begin(builder, directory);
      await relay.halted;
      for (const path of paths) change(path);
      relay.goOn();
      const { code, err } = await begun.ended;
      const end = ends[builder];
      if (end === 'builds' || (end === 'builds or breaks off' && code === 0)) {
        assert.equal(code, 0, err);
        return;
      }
      assert.match(err, end instanceof RegExp ? end : /unexpected EOF/);
      assert.equal(code, 1);
      await assertNothingLeft(engine, earlier);
    });
  }
}
