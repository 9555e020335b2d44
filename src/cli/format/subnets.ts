/** Whether an address lies in a subnet, of either family. */
export function contains(subnet: string, address: string): boolean {
  const [base = '', length = ''] = subnet.split('/');
  const [network, candidate] = [bits(base), bits(address)];
  if (network === undefined || candidate?.length !== network.length) return false;
  const count = Number(length);
  return network.slice(0, count) === candidate.slice(0, count);
}

/** Whether a text is an address of either family. */
export const isAddress = (text: string): boolean => bits(text) !== undefined;

/** An address as ones and zeros. */
function bits(address: string): string | undefined {
  if (/^\d+(\.\d+){3}$/.test(address)) {
    const parts = address.split('.').map(Number);
    return parts.every((part) => part < 256) ? parts.map((part) => binary(part, 8)).join('') : undefined;
  }
  const halves = address.split('::');
  if (!address.includes(':') || halves.length > 2) return undefined;
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const [before = [], after = []] = halves.map(groups);
  const zeros = 8 - before.length - after.length;
  if (halves.length === 2 ? zeros < 1 : zeros !== 0) return undefined;
  const all = [...before, ...Array<string>(zeros).fill('0'), ...after];
  if (!all.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return all.map((group) => binary(Number.parseInt(group, 16), 16)).join('');
}

const binary = (value: number, width: number) => value.toString(2).padStart(width, '0');
