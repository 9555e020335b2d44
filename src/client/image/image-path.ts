/** An image's name as part of a path: its slashes stay. */
export const imagePath = (name: string): string =>
  name.split('/').map(encodeURIComponent).join('/').replaceAll('%3A', ':').replaceAll('%40', '@');
