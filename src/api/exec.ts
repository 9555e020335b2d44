import { boolean, integer, list, object, type Static, string, words } from './schema.ts';

/** The body of `POST /containers/{id}/exec`. */
export type ExecConfig = Static<typeof ExecConfig>;
export const ExecConfig = object({
  AttachStdin: boolean,
  AttachStdout: boolean,
  AttachStderr: boolean,
  ConsoleSize: list(integer),
  DetachKeys: string,
  Detach: boolean,
  Tty: boolean,
  Env: list(string),
  Cmd: words,
  Privileged: boolean,
  User: string,
  WorkingDir: string,
});

/** The body of `POST /exec/{id}/start`. */
export type ExecStartConfig = Static<typeof ExecStartConfig>;
export const ExecStartConfig = object({ Detach: boolean, Tty: boolean, ConsoleSize: list(integer) });

export interface IDResponse {
  readonly Id: string;
}

export interface ProcessConfig {
  readonly tty: boolean;
  readonly entrypoint: string;
  readonly arguments: readonly string[];
  readonly privileged?: boolean;
  readonly user?: string;
}

export interface ExecInspectResponse {
  readonly ID: string;
  readonly Running: boolean;
  /** null while it has not ended. */
  readonly ExitCode: number | null;
  readonly ProcessConfig: ProcessConfig;
  readonly OpenStdin: boolean;
  readonly OpenStderr: boolean;
  readonly OpenStdout: boolean;
  readonly CanRemove: boolean;
  readonly ContainerID: string;
  readonly DetachKeys: string;
  readonly Pid: number;
}
