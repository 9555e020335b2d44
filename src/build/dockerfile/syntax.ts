import type { DeviceFlag } from './device-flag.ts';

/** A place in a Dockerfile: lines and columns count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** From the first character to the last, both inclusive. */
export interface Location {
  readonly start: Position;
  readonly end: Position;
}

/** A document of a heredoc: `<<EOF … EOF`. */
export interface Heredoc {
  readonly name: string;
  readonly content: string;
  /** False for `<<"EOF"`: variables stay as they are. */
  readonly expand: boolean;
  /** `<<-`: leading tabs are taken away (done already in `content`). */
  readonly chomp: boolean;
}

/** What every instruction has. Words are as written: variables are expanded when their values are known. */
interface Common {
  readonly location: Location;
  /** The instruction on one line, continuations joined, comments out: as `Step 1/3 : …` shows it. */
  readonly original: string;
  /** Heredocs in the order they were opened. */
  readonly heredocs: readonly Heredoc[];
}

/** JSON (exec) form, or text for the shell. */
export type CommandForm =
  | { readonly form: 'exec'; readonly words: readonly string[] }
  | { readonly form: 'shell'; readonly text: string };

export interface KeyValue {
  readonly key: string;
  readonly value: string;
}

export interface FromInstruction extends Common {
  readonly kind: 'FROM';
  /** Unexpanded; may name a stage, an image, a named context, or `scratch`. */
  readonly base: string;
  readonly platform?: string;
  /** As written. */
  readonly name?: string;
  /** Lines of comment directly above. */
  readonly comments: readonly string[];
}
export interface ArgInstruction extends Common {
  readonly kind: 'ARG';
  /** Described by a comment directly above: `# name what it is`. */
  readonly args: readonly { readonly key: string; readonly value?: string; readonly description?: string }[];
  /** Lines of comment directly above. */
  readonly comments: readonly string[];
}
export interface EnvInstruction extends Common {
  readonly kind: 'ENV';
  readonly pairs: readonly KeyValue[];
  /** `ENV key value` */
  readonly legacy: boolean;
}
export interface LabelInstruction extends Common {
  readonly kind: 'LABEL';
  readonly pairs: readonly KeyValue[];
  readonly legacy: boolean;
}
export interface RunInstruction extends Common {
  readonly kind: 'RUN';
  readonly command: CommandForm;
  /** The text after `--mount=`, each: read (`parseMount`) when variables are known. */
  readonly mounts: readonly string[];
  readonly network?: string;
  readonly security?: string;
  readonly devices?: readonly DeviceFlag[];
}
export interface CopyInstruction extends Common {
  readonly kind: 'COPY' | 'ADD';
  /** A source that is a heredoc is written `<<name`, and stands in `heredocs` in order. */
  readonly sources: readonly string[];
  readonly destination: string;
  readonly from?: string;
  readonly chown?: string;
  readonly chmod?: string;
  readonly link?: boolean;
  readonly parents?: boolean;
  readonly exclude: readonly string[];
  readonly checksum?: string;
  readonly keepGitDir?: boolean;
  readonly unpack?: boolean;
}
export interface CommandInstruction extends Common {
  readonly kind: 'CMD' | 'ENTRYPOINT';
  readonly command: CommandForm;
}
export interface ShellInstruction extends Common {
  readonly kind: 'SHELL';
  readonly words: readonly string[];
}
/** One word or text that is expanded as a whole. */
export interface TextInstruction extends Common {
  readonly kind: 'MAINTAINER' | 'USER' | 'STOPSIGNAL';
  readonly text: string;
}
export interface WorkdirInstruction extends Common {
  readonly kind: 'WORKDIR';
  /** Expanded as a whole. */
  readonly text: string;
}
export interface WordsInstruction extends Common {
  readonly kind: 'EXPOSE' | 'VOLUME';
  readonly words: readonly string[];
}
export interface OnbuildInstruction extends Common {
  readonly kind: 'ONBUILD';
  /** The instruction to come, as written (with its heredocs' text behind it). */
  readonly trigger: string;
}
export interface HealthcheckInstruction extends Common {
  readonly kind: 'HEALTHCHECK';
  /** `none`, or a command with its times as written (`30s`). */
  readonly test: 'none' | CommandForm;
  readonly interval?: string;
  readonly timeout?: string;
  readonly startPeriod?: string;
  readonly startInterval?: string;
  readonly retries?: string;
}

/** An instruction of a stage, after its FROM. */
export type Instruction =
  | ArgInstruction
  | EnvInstruction
  | LabelInstruction
  | RunInstruction
  | CopyInstruction
  | CommandInstruction
  | ShellInstruction
  | TextInstruction
  | WorkdirInstruction
  | WordsInstruction
  | OnbuildInstruction
  | HealthcheckInstruction;

export interface Stage {
  readonly index: number;
  readonly from: FromInstruction;
  readonly instructions: readonly Instruction[];
  /** The comment directly above FROM that describes it: `# name what it is`, for `--call=targets`. */
  readonly description?: string;
}

export interface Directives {
  readonly syntax?: string;
  readonly escape: '\\' | '`';
  /** `check=skip=A,B;error=true` */
  readonly check?: {
    readonly skip: readonly string[] | 'all';
    readonly error: boolean;
    /** Rules that are run only when asked for. */
    readonly experimental?: readonly string[] | 'all';
  };
}

/** A parsed Dockerfile. */
export interface Dockerfile {
  readonly directives: Directives;
  /** ARGs before the first FROM. */
  readonly globalArgs: readonly ArgInstruction[];
  readonly stages: readonly Stage[];
  /** The source's lines, for excerpts. */
  readonly lines: readonly string[];
  /** What the parser noticed and passed over, as build warnings of its own (empty continuation lines, …). */
  readonly notes: readonly { readonly rule: string; readonly detail: string; readonly location: Location }[];
}
