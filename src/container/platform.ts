import { EngineError } from '#base/errors.ts';
import type { Image } from '#image/images.ts';

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', arm: 'arm' };

const machine = architectures[process.arch] ?? process.arch;

/**
 * Compares an image's platform with what was asked for, or else with this machine.
 *
 * @returns warnings, since an image for another processor may run under emulation
 * @throws {EngineError} `notFound` when it is not the platform asked for
 */
export function checkPlatform(image: Image, asked: string | undefined): string[] {
  const { os, architecture } = image.config;
  if (asked) {
    const [askedOs, askedArchitecture] = asked.split('/');
    const fits = askedOs === os && (askedArchitecture === undefined || askedArchitecture === architecture);
    if (fits) return [];
    throw new EngineError(
      'notFound',
      `image with reference ${image.id} was found but its platform (${os}/${architecture}) does not match the specified platform (${asked})`,
    );
  }
  if (architecture === '' || architecture === machine) return [];
  return [
    `The requested image's platform (${os}/${architecture}) does not match the detected host platform (linux/${machine}) and no specific platform was requested`,
  ];
}
