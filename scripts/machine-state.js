/**
 * What a test run must leave as it found it: mounts, links, network namespaces, firewall tables, control groups,
 * temporary folders and processes of ours. Prints it as JSON; with `--compare JSON`, prints what has come since and
 * exits 1 if there is any.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const state = {
  mounts: readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ').slice(4, 5).join(''))
    .filter(Boolean),
  links: readdirSync('/sys/class/net'),
  namespaces: existsSync('/run/netns') ? readdirSync('/run/netns') : [],
  tables: output('nft', ['list', 'tables']),
  groups: groups('/sys/fs/cgroup', 3).filter((path) => /hoist|docker|libpod|runc/.test(path)),
  folders: [tmpdir(), '/dev/shm']
    .flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : []))
    .filter((name) => /^(hoist|dockerd|differential|cli|vm\b)/.test(name)),
  processes: processes(),
};

function output(program, args) {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      .split('\n')
      .filter(Boolean);
  } catch {
    return [];
  }
}

function groups(folder, depth) {
  if (depth === 0 || !existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => [join(folder, entry.name), ...groups(join(folder, entry.name), depth - 1)]);
}

function processes() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        readlinkSync(`/proc/${pid}/exe`);
        return /hoist-shim|hoistd|daemon\/main\.ts|dockerd|containerd|docker-registry/.test(command)
          ? `${pid} ${command}`
          : '';
      } catch {
        return '';
      }
    })
    .filter((line) => line !== '' && !line.startsWith(`${process.pid} `));
}

const flag = process.argv.indexOf('--compare');
if (flag < 0) console.log(JSON.stringify(state));
else {
  const before = JSON.parse(process.argv[flag + 1]);
  const left = Object.entries(state).flatMap(([kind, now]) =>
    now.filter((item) => !before[kind].includes(item)).map((item) => `${kind}: ${item}`),
  );
  console.log(left.length === 0 ? 'nothing' : left.join('\n'));
  process.exitCode = left.length === 0 ? 0 : 1;
}
