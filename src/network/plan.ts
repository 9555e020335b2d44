/**
 * How a container's network comes to be, as datagrams for whoever has the namespaces: the shape that
 * `#runtime/format.ts` plays (rooms meet in the shape, not in an import).
 */
export interface NetworkPlan {
  readonly host: readonly { readonly bytes: Uint8Array; readonly netnsFdOffset?: number }[];
  readonly inner: readonly Uint8Array[];
}
