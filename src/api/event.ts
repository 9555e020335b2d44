export type EventType =
  | 'builder'
  | 'config'
  | 'container'
  | 'daemon'
  | 'image'
  | 'network'
  | 'node'
  | 'plugin'
  | 'secret'
  | 'service'
  | 'volume';

export interface EventActor {
  readonly ID: string;
  readonly Attributes: Readonly<Record<string, string>>;
}

/** One line of `GET /events`. */
export interface EventMessage {
  readonly Type: EventType;
  readonly Action: string;
  readonly Actor: EventActor;
  readonly scope: 'local' | 'swarm';
  /** Seconds since 1970. */
  readonly time: number;
  readonly timeNano: number;
  /** Until API 1.51 also as they were before there were actors. */
  readonly status?: string;
  readonly id?: string;
  readonly from?: string;
}
