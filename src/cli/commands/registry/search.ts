import { type SearchResult, searchImages } from '#client/image/search.ts';
import { command as define, exactly } from '../../command.ts';
import { filterFlag } from '../../filter-flag.ts';
import { bool, int, text } from '../../flags.ts';
import { ellipsis } from '../../format/human.ts';
import { listingText, type Row, tableWidth } from '../../format/listing.ts';
import { credentialsFor } from '../../registry/credentials.ts';

const headers = {
  Name: 'NAME',
  Description: 'DESCRIPTION',
  StarCount: 'STARS',
  IsOfficial: 'OFFICIAL',
  IsAutomated: 'AUTOMATED',
};

export const command = define({
  usage: 'search [OPTIONS] TERM',
  about: 'Search Docker Hub for images',
  flags: {
    filter: filterFlag('Filter output based on conditions provided', 'f'),
    format: text('Pretty-print search using a Go template'),
    limit: int('Max number of search results'),
    'no-trunc': bool("Don't truncate output"),
  },
  args: exactly(1),
  run: async (cli, { flags, args: [term = ''] }) => {
    const auth = credentialsFor(
      cli,
      term.includes('/') && /[.:]/.test(term.split('/')[0]!) ? term.split('/')[0]! : 'docker.io',
    );
    const results = await searchImages(cli.daemon, {
      term,
      ...(flags.limit > 0 && { limit: flags.limit }),
      filters: flags.filter,
      ...(auth && { auth }),
    });
    const rows = [...results]
      .sort((a, b) => b.star_count - a.star_count)
      .map((result) => row(result, !flags['no-trunc']));
    const columns = ['Name', 'Description', 'StarCount', 'IsOfficial'];
    await cli.out(
      await listingText({
        format: flags.format,
        columns,
        headers,
        rows,
        goType: '*formatter.searchContext',
        width: tableWidth(flags),
      }),
    );
  },
});

function row(result: SearchResult, truncate: boolean): Row {
  const description = result.description.replaceAll('\n', ' ').replaceAll('\r', ' ');
  return {
    Name: result.name,
    Description: truncate ? ellipsis(description, 45) : description,
    StarCount: String(result.star_count),
    IsOfficial: result.is_official ? '[OK]' : '',
    IsAutomated: result.is_automated ? '[OK]' : '',
  };
}
