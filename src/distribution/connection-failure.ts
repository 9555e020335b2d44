import { ConnectionError } from './registry-error.ts';
import type { HttpRequest } from './transport.ts';

interface NodeFailure {
  readonly code?: string;
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
  readonly message: string;
}

/** A failed connection in the words people know from Docker. */
export function explained(error: unknown, request: Pick<HttpRequest, 'method' | 'url'>): ConnectionError {
  const failure = firstOf(error);
  const message = `${verbOf(request.method)} "${request.url.href}": ${reasonOf(failure, request.url)}`;
  return new ConnectionError(message, failure.code ?? 'UNKNOWN', error);
}

/** `GET` → `Get`, as Go's messages begin. */
export const verbOf = (method: string): string => method.charAt(0) + method.slice(1).toLowerCase();

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

const reasonOf = (failure: NodeFailure, url: URL): string =>
  reasons[failure.code ?? '']?.(failure, url) ?? failure.message;

const x509 = (reason: string): string => `tls: failed to verify certificate: x509: ${reason}`;

const addressOf = ({ address = '', port }: NodeFailure): string =>
  `${address.includes(':') ? `[${address}]` : address}:${port}`;
