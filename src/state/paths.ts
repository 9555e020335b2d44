import { join } from 'node:path';

/**
 * Every file and folder of an engine.
 *
 *     <data root>/                     0710
 *     ├── hoist.db (-wal, -shm)        every record
 *     ├── engine.lock                  held by the one engine of this root
 *     ├── content/                     blobs by digest: manifests, configs
 *     │   ├── sha256/<hex>
 *     │   └── ingest/<id>              not committed yet; emptied at boot
 *     ├── <driver>/                    erofs, overlay, …: laid out by the snapshot driver
 *     ├── containers/<id>/             0700; made by the shim at the first output
 *     │   └── log (log.1 …)            frames that it appends
 *     ├── build/                       0700
 *     │   ├── packs/<name>             files of contexts, end to end
 *     │   ├── caches/<folder>          cache mounts
 *     │   ├── events/<id>              what a build told: JSON lines, compressed
 *     │   └── spool/<id>               on its way in; emptied at boot
 *     └── volumes/<name>/_data
 *
 *     <run root>/                      gone at reboot
 *     ├── hoist.sock, hoistd.pid
 *     ├── builds/<id>/                 a step's mounts, secrets, sockets and files
 *     ├── containers/<id>/             0700; hostname, hosts, resolv.conf: made anew at each start
 *     ├── mount-points/                what containers mount over, for images that lack it
 *     └── tasks/<id>/                  shim.sock, exit: the container format's own
 */
export interface Paths {
  readonly dataRoot: string;
  readonly runRoot: string;
  readonly database: string;
  readonly lock: string;
  readonly content: string;
  driver(name: string): string;
  container(id: string): string;
  containerLog(id: string): string;
  readonly containers: string;
  /** What a container has in the run root. */
  containerRun(id: string): string;
  containerRunFile(id: string, file: 'hostname' | 'hosts' | 'resolv.conf'): string;
  readonly containerRuns: string;
  readonly mountPoints: string;
  readonly volumes: string;
  volumeData(name: string): string;
  readonly tasks: string;
  task(id: string): string;
  /** Inside: `packs`, `caches`, `events`, `spool`. */
  buildFolder(folder: 'packs' | 'caches' | 'events' | 'spool', name?: string): string;
  /** Of steps that run. */
  readonly buildSteps: string;
  buildStep(id: string): string;
}

export function pathsOf(roots: { readonly dataRoot: string; readonly runRoot: string }): Paths {
  const { dataRoot, runRoot } = roots;
  const containers = join(dataRoot, 'containers');
  const volumes = join(dataRoot, 'volumes');
  const tasks = join(runRoot, 'tasks');
  const containerRuns = join(runRoot, 'containers');
  return {
    dataRoot,
    runRoot,
    database: join(dataRoot, 'hoist.db'),
    lock: join(dataRoot, 'engine.lock'),
    content: join(dataRoot, 'content'),
    driver: (name) => join(dataRoot, name),
    containers,
    container: (id) => join(containers, id),
    containerLog: (id) => join(containers, id, 'log'),
    containerRuns,
    containerRun: (id) => join(containerRuns, id),
    mountPoints: join(runRoot, 'mount-points'),
    containerRunFile: (id, file) => join(containerRuns, id, file),
    volumes,
    volumeData: (name) => join(volumes, name, '_data'),
    tasks,
    task: (id) => join(tasks, id),
    buildFolder: (folder, name = '') => join(dataRoot, 'build', folder, name),
    buildSteps: join(runRoot, 'builds'),
    buildStep: (id) => join(runRoot, 'builds', id),
  };
}

/** Inside `Paths.content`. */
export interface ContentPaths {
  readonly blobs: string;
  blob(hex: string): string;
  readonly ingests: string;
  ingest(id: string): string;
}

export function contentPathsOf(root: string): ContentPaths {
  const blobs = join(root, 'sha256');
  const ingests = join(root, 'ingest');
  return { blobs, blob: (hex) => join(blobs, hex), ingests, ingest: (id) => join(ingests, id) };
}
