import { type Flag, text } from '../flags.ts';

const templates = `Format output using a custom template:`;
const more = `Refer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates`;

/** `--format` of a command that lists. */
export const tableFormat = (): Flag<string> =>
  text(`${templates}
'table':            Print output in table format with column headers (default)
'table TEMPLATE':   Print output in table format using the given Go template
'json':             Print in JSON format
'TEMPLATE':         Print output using the given Go template.
${more}`);

/** `--format` of a command that shows one thing. */
export const jsonFormat = (short: boolean): Flag<string> =>
  text(
    `${templates}
'json':             Print in JSON format
'TEMPLATE':         Print output using the given Go template.
${more}`,
    short ? { short: 'f' } : {},
  );
