import { closeSync, constants, openSync } from 'node:fs';
import type { ExecConfig } from '#api/index.ts';
import type { RuntimeProcess } from '#oci/runtime-spec.ts';
import type { Task } from '#runtime/format.ts';
import { readTextBeneath } from '#runtime/rootfs.ts';
import type { Container } from './container.ts';
import type { ExecStartRequest } from './containers.ts';
import { capabilitySets, grantedTo } from './spec/capabilities.ts';
import { environment } from './spec/environment.ts';
import type { HostFacts } from './spec/host.ts';
import { securityOptions } from './spec/security.ts';
import { type ContainerUser, containerUser } from './spec/user.ts';

/** The process of an exec: the container's own settings, with what the exec says instead. */
export function execProcess(
  given: {
    readonly container: Container;
    readonly config: ExecConfig;
    readonly task: Task;
    readonly request: ExecStartRequest;
  },
  facts: HostFacts,
): RuntimeProcess {
  const { container, config, task, request } = given;
  const { config: own, hostConfig } = container.record;
  const tty = config.Tty === true;
  const user = userOf(config.User || own.User || '', hostConfig.GroupAdd ?? [], task.pid);
  const asked = { ...hostConfig, Privileged: hostConfig.Privileged === true || config.Privileged === true };
  const { capabilities } = grantedTo(asked, facts);
  const [height, width] = request.consoleSize ?? config.ConsoleSize ?? [];
  const security = securityOptions(hostConfig.SecurityOpt);
  return {
    terminal: tty,
    ...(tty && height && width ? { consoleSize: { height, width } } : {}),
    user: {
      uid: user.uid,
      gid: user.gid,
      ...(user.additionalGids.length > 0 ? { additionalGids: user.additionalGids } : {}),
    },
    args: config.Cmd ?? [],
    env: environment({
      wanted: [...(own.Env ?? []), ...(config.Env ?? [])],
      hostname: own.Hostname ?? '',
      tty,
      home: user.home,
    }),
    cwd: config.WorkingDir || own.WorkingDir || '/',
    capabilities: capabilitySets(capabilities, user.uid),
    noNewPrivileges:
      (security.noNewPrivileges || facts.noNewPrivileges === true) && config.Privileged !== true,
  };
}

/** Who a user is by the files that the container has now. */
function userOf(user: string, groups: readonly string[], pid: number): ContainerUser {
  const root = openSync(`/proc/${pid}/root`, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    return containerUser({
      user,
      groups,
      passwd: readTextBeneath(root, '/etc/passwd'),
      group: readTextBeneath(root, '/etc/group'),
    });
  } finally {
    closeSync(root);
  }
}
