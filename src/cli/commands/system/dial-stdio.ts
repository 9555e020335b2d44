import { command as define, exactly } from '../../command.ts';
import * as platform from '../../platform.ts';

export const command = define({
  usage: 'system dial-stdio',
  about: 'Proxy the stdio stream to the daemon connection. Should not be invoked manually.',
  flags: {},
  args: exactly(0),
  run: async (cli) => {
    const connection = await cli.connect();
    const sending = (async () => {
      for await (const bytes of platform.stdin.read()) await connection.write(bytes);
      connection.endWriting();
    })();
    sending.catch(() => connection.close());
    for (let bytes = await connection.read(); bytes !== undefined; bytes = await connection.read())
      await cli.out(bytes);
  },
});
