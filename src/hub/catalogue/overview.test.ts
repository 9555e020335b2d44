import assert from 'node:assert/strict';
import test from 'node:test';
import { checkOverview, renderOverview } from './overview.ts';

const rel = 'rel="nofollow noopener ugc"';
const cases: readonly (readonly [markdown: string, html: string])[] = [
  ['# A\n\nb *c*', '<h1>A</h1>\n<p>b <em>c</em></p>\n'],
  ['<script>alert(1)</script>a', 'a'],
  ['<style>p{}</style>', ''],
  ['<p style="x" class="y" id="z" onclick="alert(1)">a</p>', '<p>a</p>'],
  ['[a](https://e.example/)', `<p><a ${rel} href="https://e.example/">a</a></p>\n`],
  ['<a href="javascript:alert(1)">a</a>', `<p><a ${rel}>a</a></p>\n`],
  ['<a href="//e.example/x" target="_blank">a</a>', `<p><a ${rel}>a</a></p>\n`],
  ['[a](javascript:alert(1))', '<p>[a](javascript:alert(1))</p>\n'],
  ['![a](https://e.example/i.png)', `<p><a ${rel} href="https://e.example/i.png">a</a></p>\n`],
  ['<img src="data:image/svg+xml,x" onerror="alert(1)">', `<a ${rel}>image</a>`],
  ['<iframe src="https://e.example/"></iframe>', ''],
  ['<form action="/x"><input name="a"><button>b</button></form>', 'b'],
  ['<svg><script>alert(1)</script></svg>', '<p></p>'],
  ['<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>', '<p><table></table></p>'],
  ['`<b>`', '<p><code>&lt;b&gt;</code></p>\n'],
];
for (const [markdown, html] of cases)
  test(`${JSON.stringify(markdown)} is shown safely`, () =>
    assert.equal(renderOverview(markdown).trim(), html.trim()));

test('tables are shown, without styles', () => {
  const html = renderOverview('| a |\n|:-:|\n| b |');
  assert.match(html, /<table>\s*<thead>\s*<tr>\s*<th>a<\/th>/);
});

test('what is deep or long is shown too, and soon', () => {
  const began = process.cpuUsage().user;
  for (const hostile of [
    '<div>'.repeat(20_000),
    '> '.repeat(50_000),
    '['.repeat(100_000),
    '*a '.repeat(33_000),
  ])
    assert.equal(typeof renderOverview(hostile.slice(0, 100_000)), 'string');
  assert.ok(process.cpuUsage().user - began < 10_000_000);
});

test('an overview has at most 100 kB', () => {
  assert.equal(checkOverview('é'.repeat(50_000)).length, 50_000);
  assert.throws(() => checkOverview('é'.repeat(50_001)), { kind: 'invalid' });
});
