import { type Command, exitCodes } from '../command.ts';
import { serve } from '../serve.ts';
import { serveFlags, serveSettings } from '../serve-settings.ts';

const serveCommand: Command = {
  name: 'serve',
  words: [],
  summary: 'Serve the Hub: its registry, its API and its page',
  flags: serveFlags,
  run: async (given) => {
    await serve(serveSettings(given));
    return exitCodes.success;
  },
};

export const serveCommands: readonly Command[] = [serveCommand];
