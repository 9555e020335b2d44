import { isAddress } from '../format/subnets.ts';

/** Checks of single values, each returning it as it is sent. They throw the reason in Docker's words. */

export function attach(text: string): string {
  const stream = text.toLowerCase();
  if (['stdin', 'stdout', 'stderr'].includes(stream)) return stream;
  throw new Error('valid streams are STDIN, STDOUT and STDERR');
}

/** `host:address` or `host=address`; `host-gateway` is an address the daemon knows. */
export function extraHost(text: string): string {
  const found = /^([^:=]+)[:=](.+)$/.exec(text);
  if (found === null) throw new Error(`bad format for add-host: ${JSON.stringify(text)}`);
  const [, host, given = ''] = found;
  const ip = /^\[.*\]$/.test(given) ? given.slice(1, -1) : given;
  if (ip !== 'host-gateway' && !isAddress(ip))
    throw new Error(`invalid IP address in add-host: ${JSON.stringify(given)}`);
  return `${host}:${ip}`;
}

export function address(text: string): string {
  const ip = text.trim();
  if (!isAddress(ip)) throw new Error(`IP address is not correctly formatted: ${text}`);
  return ip;
}

export function dnsSearch(text: string): string {
  const domain = text.trim();
  if (domain === '.') return domain;
  if (!/^[\w-]+(\.[\w-]+)*\.?$/.test(domain) || !/[a-z]/i.test(domain)) {
    throw new Error(`${domain} is not a valid domain`);
  }
  return domain;
}

/** `container[:alias]` */
export function link(text: string): string {
  if (text === '' || text.split(':').length > 2) throw new Error(`bad format for links: ${text}`);
  return text;
}

export function deviceCgroupRule(text: string): string {
  if (!/^[acb] ([0-9]+|\*):([0-9]+|\*) [rwm]{1,3}$/.test(text))
    throw new Error(`invalid device cgroup format '${text}'`);
  return text;
}

export function uint16(text: string): number {
  if (!/^\d+$/.test(text))
    throw new Error(`strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`);
  if (Number(text) > 65535)
    throw new Error(`strconv.ParseUint: parsing ${JSON.stringify(text)}: value out of range`);
  return Number(text);
}

/** `key=value`, the key not empty. */
export function storageOption(text: string): string {
  if (!text.includes('=')) throw new Error('invalid storage option');
  return text;
}

/** `name=value` of a setting that a container has to itself. */
export function sysctl(text: string): string {
  const name = text.slice(0, text.indexOf('='));
  const own = /^(net\.|fs\.mqueue\.)/.test(name) || ownSysctls.has(name);
  if (!own) throw new Error(`sysctl '${text}' is not allowed`);
  return text;
}

const ownSysctls = new Set([
  'kernel.msgmax',
  'kernel.msgmnb',
  'kernel.msgmni',
  'kernel.sem',
  'kernel.shmall',
  'kernel.shmmax',
  'kernel.shmmni',
  'kernel.shm_rmid_forced',
]);
