import { Failure } from './command.ts';
import * as platform from './platform.ts';

/** The user's configuration file, in the form of `~/.docker/config.json`. What we don't know of it is kept. */
export interface ConfigFile {
  auths?: Record<string, { auth?: string; identitytoken?: string; registrytoken?: string; email?: string }>;
  credsStore?: string;
  credHelpers?: Record<string, string>;
  HttpHeaders?: Record<string, string>;
  detachKeys?: string;
  currentContext?: string;
  psFormat?: string;
  imagesFormat?: string;
  networksFormat?: string;
  volumesFormat?: string;
  statsFormat?: string;
  proxies?: Record<string, Record<string, string>>;
  [unknown: string]: unknown;
}

export interface Config {
  readonly directory: string;
  readonly path: string;
  readonly file: ConfigFile;
  save(file: ConfigFile): void;
}

/** Docker's own configuration directory, so that credentials and settings are shared. */
export const defaultDirectory = (): string => platform.env['DOCKER_CONFIG'] || `${platform.home()}/.docker`;

/** Opens the configuration in a directory; an absent file is an empty one. */
export async function openConfig(directory: string): Promise<Config> {
  const path = `${directory}/config.json`;
  let file = parseConfig(path, await platform.loadText(path));
  return {
    directory,
    path,
    get file() {
      return file;
    },
    save: (changed) => {
      file = changed;
      platform.replaceText(path, JSON.stringify(changed, undefined, '\t'));
    },
  };
}

function parseConfig(path: string, text: string | undefined): ConfigFile {
  if (text === undefined || text.trim() === '') return {};
  try {
    return JSON.parse(text) as ConfigFile;
  } catch (error) {
    throw new Failure(`Error loading config file: ${path}: ${(error as Error).message}`);
  }
}
