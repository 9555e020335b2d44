import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { BuildEvent } from '#api/build.ts';
import { graphSvg } from '../graph/svg.ts';
import { plainLine } from './log-lines.ts';
import { BuildModel } from './model.ts';
import { PlainText } from './plain.ts';
import { recordedFailure, recordedSuccess } from './recorded.ts';
import { cutTo, Screen, widthOf } from './screen.ts';
import { endText } from './summary.ts';

const start = Date.parse('2026-01-02T03:04:05.000Z');

/** `UPDATE_GOLDEN=1` rewrites the files; the difference is reviewed like code. */
function golden(name: string, text: string): void {
  const path = join(import.meta.dirname, '../golden', name);
  if (process.env['UPDATE_GOLDEN']) writeFileSync(path, text);
  assert.equal(text, readFileSync(path, 'utf8'));
}

function told(events: readonly BuildEvent[]): BuildModel {
  const model = new BuildModel();
  for (const event of events) model.apply(event);
  return model;
}

function plain(events: readonly BuildEvent[]): string {
  const model = new BuildModel();
  const shown = new PlainText(model, () => start + 1000);
  let text = '';
  for (const event of events) {
    model.apply(event);
    text += shown.show(event);
  }
  return text + endText(model, { debug: false, colour: false });
}

/** What a terminal shows after all that was written to it: moves up, line ends, and clearing to the end of a line. */
function onTerminal(written: string): readonly string[] {
  const lines: string[] = [];
  let row = 0;
  for (const [, up, text, clears, next] of written
    .replace(/\x1b\[\?25[lh]/g, '')
    .matchAll(/\x1b\[(\d+)A|\r([^\r\n\x1b]*)(\x1b\[K)?|(\n)/g)) {
    if (up !== undefined) row -= Number(up);
    else if (next !== undefined) row += 1;
    else if (clears !== undefined) lines[row] = text!;
  }
  return lines;
}

for (const [name, events] of [
  ['success', recordedSuccess],
  ['failure', recordedFailure],
] as const) {
  test(`plain: ${name}`, () => golden(`${name}-plain.txt`, plain(events)));

  for (const columns of [80, 40]) {
    test(`terminal of ${columns} columns: ${name}`, () => {
      const model = new BuildModel();
      const screen = new Screen(model, { colour: false, size: () => ({ rows: 30, columns }) });
      let written = '';
      const pictures: string[] = [];
      events.forEach((event, i) => {
        model.apply(event);
        if (i % 6 !== 5) return;
        written += screen.paint(start + 1000);
        pictures.push(onTerminal(written).join('\n'));
      });
      written += screen.last(start + 1000);
      const lines = onTerminal(written);
      assert.ok(lines.every((line) => widthOf(line) < columns));
      const end = endText(model, { debug: false, colour: false });
      golden(`${name}-${columns}.txt`, `${[...pictures, lines.join('\n')].join('\n----\n')}\n${end}`);
    });
  }
}

test('a terminal of few rows shows what is under way', () => {
  const model = told(recordedSuccess.slice(0, 20));
  const screen = new Screen(model, { colour: false, size: () => ({ rows: 6, columns: 60 }) });
  const lines = onTerminal(screen.paint(start + 1000));
  assert.equal(lines.length, 5);
  assert.match(lines[0]!, /^\[\+\] Building 1\.0s/);
  assert.match(lines.at(-1)!, /unused variable/);
});

test('colours are for a terminal that wants them', () => {
  const screen = (colour: boolean) =>
    new Screen(told(recordedFailure), { colour, size: () => ({ rows: 30, columns: 80 }) }).last(start);
  assert.match(screen(true), /\x1b\[31m => ERROR/);
  assert.doesNotMatch(screen(false), /\x1b\[\d\dm/);
});

test('warnings in full with --debug', () => {
  golden('warnings.txt', endText(told(recordedSuccess), { debug: true, colour: false }));
});

test('the graph as a picture', () =>
  golden('graph.svg', graphSvg(told(recordedSuccess), '/home/me/a & <b>')));

test('the graph of a build that failed', () => {
  const svg = graphSvg(told(recordedFailure), 'x');
  assert.match(svg, /not reached/);
  assert.match(svg, /exit code: 2/);
});

test('lines of a program, as a terminal has them in the end', () => {
  const lines: [string, string][] = [
    ['plain', 'plain'],
    ['10%\r50%\r100%\r', '100%'],
    ['\x1b[1;32mgreen\x1b[0m', 'green'],
    ['\x1b]0;title\x07text', 'text'],
    ['a\tb\x07', 'a        b'],
    ['\x1b[2J\x1b[Hgone', 'gone'],
  ];
  for (const [line, shown] of lines) assert.equal(plainLine(line), shown);
});

test('columns of wide letters', () => {
  assert.equal(widthOf('ab漢字'), 6);
  assert.equal(cutTo('ab漢字', 5), 'ab漢…');
  assert.equal(cutTo('short', 5), 'short');
});
