/**
 * A two-way byte stream to a daemon. One read at a time; the stream is pulled, so an unread one holds the peer back.
 */
export interface Connection {
  /** The next bytes, or `undefined` when the peer has finished writing. Rejects when the stream broke. */
  read(): Promise<Uint8Array | undefined>;
  /** Resolves when the stream will take more. */
  write(bytes: Uint8Array | string): Promise<void>;
  /** Finishes our side and leaves the peer's open: the end of a container's standard input. */
  endWriting(): void;
  close(): void;
}

/** Opens one more connection to the same daemon. Rejects with EngineError `unavailable` when nobody answers. */
export type Connect = () => Promise<Connection>;

/** A connection whose first bytes have been read already: they come back first. */
export function withHead(connection: Connection, head: Uint8Array): Connection {
  if (head.length === 0) return connection;
  let pending: Uint8Array | undefined = head;
  return {
    read: () => {
      if (pending === undefined) return connection.read();
      const first = pending;
      pending = undefined;
      return Promise.resolve(first);
    },
    write: (bytes) => connection.write(bytes),
    endWriting: () => connection.endWriting(),
    close: () => connection.close(),
  };
}
