interface NodeFailure {
  readonly code?: string;
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
  readonly message: string;
}

/** Why a connection failed, in the words people know from Docker. */
export function connectionFailure(
  error: unknown,
  url: URL,
): { readonly code: string; readonly reason: string } {
  const failure = firstOf(error);
  const { code = 'UNKNOWN' } = failure;
  return { code, reason: reasons[code]?.(failure, url) ?? failure.message };
}

function firstOf(error: unknown): NodeFailure {
  const first = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  return first instanceof Error ? (first as NodeFailure) : { message: String(first) };
}

const reasons: Readonly<Record<string, (failure: NodeFailure, url: URL) => string>> = {
  ECONNREFUSED: (failure) => `dial tcp ${addressOf(failure)}: connect: connection refused`,
  EHOSTUNREACH: (failure) => `dial tcp ${addressOf(failure)}: connect: no route to host`,
  ENETUNREACH: (failure) => `dial tcp ${addressOf(failure)}: connect: network is unreachable`,
  ETIMEDOUT: () => 'i/o timeout',
  ENOTFOUND: (_, url) => `dial tcp: lookup ${url.hostname}: no such host`,
  EAI_AGAIN: (_, url) => `dial tcp: lookup ${url.hostname}: Temporary failure in name resolution`,
  ECONNRESET: () => 'EOF',
  EPIPE: () => 'write: broken pipe',
  EPROTO: () => 'http: server gave HTTP response to HTTPS client',
  ERR_SSL_WRONG_VERSION_NUMBER: () => 'http: server gave HTTP response to HTTPS client',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: () => 'http: server gave HTTP response to HTTPS client',
  CERT_HAS_EXPIRED: () => x509('certificate has expired or is not yet valid'),
  ERR_TLS_CERT_ALTNAME_INVALID: (_, url) => x509(`certificate is not valid for ${url.hostname}`),
};
for (const code of [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_GET_ISSUER_CERT',
])
  Object.assign(reasons, { [code]: () => x509('certificate signed by unknown authority') });

const x509 = (reason: string): string => `tls: failed to verify certificate: x509: ${reason}`;

const addressOf = ({ address = '', port }: NodeFailure): string =>
  `${address.includes(':') ? `[${address}]` : address}:${port}`;
