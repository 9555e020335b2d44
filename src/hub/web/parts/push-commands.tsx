import { useHubAddress } from '../session.tsx';
import { Command } from './copy.tsx';

/** How an image comes to this Hub. */
export function PushCommands({
  name,
  hasLogin = false,
}: {
  readonly name: string;
  readonly hasLogin?: boolean;
}) {
  const address = useHubAddress();
  const image = `${address}/${name}`;
  const lines = [
    ...(hasLogin ? [`docker login ${address}`] : []),
    `docker tag my-image ${image}:latest`,
    `docker push ${image}:latest`,
  ];
  return <Command label="Push commands" text={lines.join('\n')} />;
}
