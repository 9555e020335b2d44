/** Whether an address lies in a subnet, of either family. */
export function contains(subnet: string, address: string): boolean {
  const [base = '', length = ''] = subnet.split('/');
  const [network, candidate] = [bits(base), bits(address)];
  if (network === undefined || candidate?.length !== network.length) return false;
  const count = Number(length);
  return network.slice(0, count) === candidate.slice(0, count);
}

/** An address as ones and zeros. */
function bits(address: string): string | undefined {
  if (/^\d+(\.\d+){3}$/.test(address))
    return address
      .split('.')
      .map((part) => binary(Number(part), 8))
      .join('');
  if (!address.includes(':')) return undefined;
  const [head = '', tail] = address.split('::', 2);
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const [before, after] = [groups(head), groups(tail ?? '')];
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  const all = [...before, ...Array<string>(Math.max(0, zeros)).fill('0'), ...after];
  return all.length === 8 ? all.map((group) => binary(Number.parseInt(group, 16), 16)).join('') : undefined;
}

const binary = (value: number, width: number) => value.toString(2).padStart(width, '0');
