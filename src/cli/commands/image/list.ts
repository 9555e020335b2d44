import { listImages } from '#client/image/list.ts';
import { atMost, command as define } from '../../command.ts';
import { filterFlag } from '../../filter-flag.ts';
import { bool } from '../../flags.ts';
import { tableFormat } from '../../format/format-flags.ts';
import { imageHeaders, imageRows } from '../../format/image-rows.ts';
import { listingText, tableWidth } from '../../format/listing.ts';

const raw =
  'repository: {{.Repository}}\n{{if .Tag}}tag: {{.Tag}}\n{{end}}image_id: {{.ID}}\ncreated_at: {{.CreatedAt}}\nvirtual_size: {{.Size}}\n';

export const command = define({
  usage: 'images [OPTIONS] [REPOSITORY[:TAG]]',
  about: 'List images',
  aliases: ['image ls', 'image list', 'images'],
  flags: {
    all: bool('Show all images (default hides intermediate images)', { short: 'a' }),
    digests: bool('Show digests'),
    filter: filterFlag('Filter output based on conditions provided', 'f'),
    format: tableFormat(),
    'no-trunc': bool("Don't truncate output"),
    quiet: bool('Only show image IDs', { short: 'q' }),
  },
  args: atMost(1),
  run: async (cli, { flags, args }) => {
    const { all, digests, quiet } = flags;
    const format = flags.format || (quiet ? '' : (cli.config.file.imagesFormat ?? ''));
    const filters = args[0] === undefined ? flags.filter : { ...flags.filter, reference: [args[0]] };
    const images = await listImages(cli.daemon, { filters, ...(all && { all }) });
    const withDigests = digests || /\.Digest\b/.test(format);
    const rows = imageRows(images, { truncate: !flags['no-trunc'], digests: withDigests });
    if (quiet && format === '') return cli.out(rows.map((row) => `${row['ID']}\n`).join(''));
    await cli.out(
      await listingText({
        format,
        columns: ['Repository', 'Tag', ...(digests ? ['Digest'] : []), 'ID', 'CreatedSince', 'Size'],
        headers: imageHeaders,
        rows,
        goType: '*formatter.imageContext',
        width: tableWidth(flags),
        problem: 'template parsing error',
        raw,
      }),
    );
  },
});
