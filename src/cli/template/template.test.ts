import assert from 'node:assert/strict';
import test from 'node:test';
import { jsonField } from '../format/shown.ts';
import { compile, execute } from './execute.ts';

const value = {
  Name: 'web',
  Id: 'abc',
  Count: 3,
  Half: 0.5,
  Big: 1e9,
  Up: true,
  Down: false,
  Empty: '',
  None: null,
  List: ['a', 'b', 'c'],
  Numbers: [3, 1, 2],
  Nothing: [],
  Labels: { 'com.x': '1', b: 'two' },
  Config: { Hostname: 'h', Env: ['A=1', 'B=2'] },
  State: { Running: true, ExitCode: 0 },
  Ports: { '80/tcp': [{ HostPort: '8080' }], '81/tcp': null },
  Add: (a: number, b: number) => a + b,
  Html: '<a&b>',
};
const run = (source: string) => execute(compile(source), value, { field: jsonField });

const goldens: [string, string][] = [
  ['plain', 'plain'],
  ['{{.Name}}', 'web'],
  ['{{ .Name }}', 'web'],
  ['{{.ID}} {{.name}}', 'abc web'],
  ['{{.Count}} {{.Half}} {{.Big}} {{.Up}}', '3 0.5 1000000000 true'],
  ['{{.List}} {{.Numbers}} {{.Nothing}}', '[a b c] [3 1 2] []'],
  ['{{.Labels}}', 'map[b:two com.x:1]'],
  ['{{.State}}', '{true 0}'],
  ['{{.Config.Env}}', '[A=1 B=2]'],
  ['{{.Config}}', '{h [A=1 B=2]}'],
  ['{{.None}}', '[]'],
  ['{{json .List}} {{json .Html}} {{json .None}}', '["a","b","c"] "<a&b>" null'],
  ['{{index .List 1}} {{index .Labels "com.x"}} {{index .Labels "none"}}|', 'b 1 |'],
  ['{{(index (index .Ports "80/tcp") 0).HostPort}}', '8080'],
  ['{{len .List}} {{len .Name}} {{len .Labels}} {{len .None}}', '3 3 2 0'],
  ['{{if .Up}}up{{else}}down{{end}}', 'up'],
  ['{{if .Down}}a{{else if .Empty}}b{{else if .Name}}c{{else}}d{{end}}', 'c'],
  ['{{with .Empty}}{{.}}{{else}}none{{end}} {{with .Name}}<{{.}}>{{end}}', 'none <web>'],
  ['{{range .List}}[{{.}}]{{end}}', '[a][b][c]'],
  ['{{range $i, $e := .List}}{{$i}}={{$e}},{{end}}', '0=a,1=b,2=c,'],
  ['{{range $k, $v := .Labels}}{{$k}}:{{$v}};{{end}}', 'b:two;com.x:1;'],
  ['{{range .Nothing}}x{{else}}empty{{end}}', 'empty'],
  ['{{range .List}}{{if eq . "b"}}{{continue}}{{end}}{{.}}{{end}}', 'ac'],
  ['{{range .List}}{{if eq . "b"}}{{break}}{{end}}{{.}}{{end}}', 'a'],
  ['{{range .List}}{{$.Name}}{{end}}', 'webwebweb'],
  ['{{range 3}}{{.}}{{end}}', '012'],
  ['{{$x := 1}}{{if .Up}}{{$x = 2}}{{end}}{{$x}}', '2'],
  ['{{$x := .Name}}{{with $x}}{{$y := .}}{{$y}}{{end}}', 'web'],
  ['a {{- .Name -}} b', 'awebb'],
  ['a {{- /* note */ -}} b', 'ab'],
  ['{{/* note */}}x', 'x'],
  ['{{.Name | upper | printf "%s!"}}', 'WEB!'],
  [
    '{{printf "%5s|%-5s|%05d|%x|%q|%v|%t|%.2f|%%" .Name .Name .Count .Count .Name .List .Up .Half}}',
    '  web|web  |00003|3|"web"|[a b c]|true|0.50|%',
  ],
  ['{{printf "%d" .Name}} {{printf "%s"}} {{printf "x" 1}}', '%!d(string=web) %!s(MISSING) x%!(EXTRA int=1)'],
  ['{{println .Name .Count}}', 'web 3\n'],
  ['{{print 1 2 "x" 3}}', '1 2x3'],
  ['{{join .List "-"}} {{split "a,b" ","}} {{lower "ABC"}} {{title "ab cd"}}', 'a-b-c [a b] abc Ab Cd'],
  ['{{pad .Name 1 2}}|{{pad .Empty 1 2}}|{{truncate .Name 2}}', ' web  ||we'],
  [
    '{{eq .Count 3}} {{eq .Name "x" "web"}} {{ne .Count 3}} {{lt 1 2}} {{le 2 2}} {{gt 1 2}} {{ge "b" "a"}}',
    'true true false true true false true',
  ],
  ['{{and .Up .Name}} {{and .Empty .Nosuch}}| {{or .Empty .Name}} {{not .Up}}', 'web | web false'],
  ['{{slice .Name 1 2}} {{html .Html}} {{urlquery "a b/c"}}', 'e &lt;a&amp;b&gt; a+b%2Fc'],
  ['{{define "t"}}<{{.}}>{{end}}{{template "t" .Name}}', '<web>'],
  ['{{block "t" .Name}}[{{.}}]{{end}}', '[web]'],
  ['{{.Add 1 2}}', '3'],
  ['{{`raw "text"`}} {{"q\\tx"}}', 'raw "text" q\tx'],
  ["{{'a'}}", '97'],
  ['{{if and (gt (len .List) 2) (not .Down)}}yes{{end}}', 'yes'],
  ['{{.State.Health}} {{.Config.StopSignal}}|', '<nil> |'],
  ['{{with $n := .Name}}{{$n}}{{end}}', 'web'],
];
for (const [source, result] of goldens) {
  test(`template ${source}`, () => assert.equal(run(source), result));
}

const refused: [string, string][] = [
  ['{{.Name', 'template: :1: unclosed action'],
  ['{{nosuch .Name}}', 'template: :1: function "nosuch" not defined'],
  ['{{if .Up}}', 'template: :1: unexpected EOF'],
  ['{{end}}', 'template: :1: unexpected {{end}}'],
  ['a\n{{.Nosuch}}', 'template: :2:2: executing "" at <.Nosuch>: map has no entry for key "Nosuch"'],
  ['{{.State.Nosuch}}', 'template: :1:8: executing "" at <.State.Nosuch>: map has no entry for key "Nosuch"'],
  [
    '{{index .List 9}}',
    'template: :1:2: executing "" at <index .List 9>: error calling index: reflect: slice index out of range',
  ],
  [
    '{{eq .Name 1}}',
    'template: :1:2: executing "" at <eq .Name 1>: error calling eq: incompatible types for comparison',
  ],
  ['{{$x}}', 'template: :1:0: executing "" at <$x>: undefined variable "$x"'],
  ['{{"abc}}', 'template: :1: unterminated quoted string'],
  ['{{}}', 'template: :1: missing value for command'],
];
for (const [source, message] of refused) {
  test(`template refuses ${JSON.stringify(source)}`, () => assert.throws(() => run(source), { message }));
}
