import { EngineError, invalid } from '#base/errors.ts';
import type { DeviceFlag } from '../dockerfile/device-flag.ts';

/**
 * Looks for the CDI devices that a RUN asks for. The engine reads no CDI specs (`CDISpecDirs` of `info` is empty), so none is
 * registered: those that are not required are passed over.
 *
 * @throws {EngineError} `invalid` for a name that is none, `notFound` for a device that is required
 * @see BuildKit, solver/llbsolver/cdidevices/manager.go § parseDevice
 */
export function checkDevices(devices: readonly DeviceFlag[]): void {
  for (const { name, required } of devices) {
    checkKind(name);
    if (required)
      throw new EngineError('notFound', `required device ${JSON.stringify(name)} is not registered`);
  }
}

function checkKind(name: string): void {
  const [kind = ''] = name.split('=', 1);
  const slash = kind.indexOf('/');
  const [vendor, deviceClass] = [kind.slice(0, slash), kind.slice(slash + 1)];
  if (slash < 1 || deviceClass === '') throw invalid(`invalid device ${JSON.stringify(name)}`);
  for (const [what, part] of [
    ['vendor', vendor],
    ['class', deviceClass],
  ] as const) {
    const wrong = wrongIn(part);
    if (wrong !== undefined)
      throw invalid(`invalid device ${JSON.stringify(name)}: invalid ${what}. ${wrong}`);
  }
}

/** @see CDI, pkg/parser § validateVendorOrClassName */
function wrongIn(name: string): string | undefined {
  if (!/^[a-z]/i.test(name)) return `${JSON.stringify(name)}, should start with letter`;
  const strange = /[^\w.-]/.exec(name.slice(1, -1))?.[0];
  if (strange !== undefined) return `invalid character '${strange}' in name ${JSON.stringify(name)}`;
  return /[a-z0-9]$/i.test(name) ? undefined : `${JSON.stringify(name)}, should end with a letter or digit`;
}
