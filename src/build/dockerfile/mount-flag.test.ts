// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are variables of Dockerfiles
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkMount, type MountFlag, parseMount } from './mount-flag.ts';

const read: readonly [text: string, mount: MountFlag][] = [
  ['target=/a', { type: 'bind', target: '/a', writable: false }],
  ['type=bind', { type: 'bind', target: '', writable: false }],
  [
    'type=bind,src=x,dst=y,from=base,rw',
    { type: 'bind', target: 'y', source: 'x', from: 'base', writable: true },
  ],
  ['destination=/a,readonly=false', { type: 'bind', target: '/a', writable: true }],
  ['target=/a,rw=0', { type: 'bind', target: '/a', writable: false }],
  ['TYPE=BIND,"target=/a,b"', { type: 'bind', target: '/a,b', writable: false }],
  ['type=cache,target=/c', { type: 'cache', target: '/c', sharing: 'shared', readonly: false }],
  [
    'type=cache,id=i,target=/c,sharing=LOCKED,from=s,source=/x,mode=0750,uid=1,gid=2,ro',
    {
      type: 'cache',
      target: '/c',
      id: 'i',
      sharing: 'locked',
      from: 's',
      source: '/x',
      readonly: true,
      mode: 0o750,
      uid: 1,
      gid: 2,
    },
  ],
  ['type=tmpfs,target=/t', { type: 'tmpfs', target: '/t' }],
  ['type=tmpfs,target=/t,size=64m', { type: 'tmpfs', target: '/t', size: 67108864 }],
  ['type=tmpfs,target=/t,size=1.5KiB', { type: 'tmpfs', target: '/t', size: 1536 }],
  ['type=secret,id=a', { type: 'secret', id: 'a', target: '/run/secrets/a', required: false }],
  ['type=secret,id=d/a,env=A', { type: 'secret', id: 'd/a', env: 'A', required: false }],
  [
    'type=secret,target=/x/b,required,mode=0444,uid=1000,gid=0',
    { type: 'secret', id: 'b', target: '/x/b', required: true, mode: 0o444, uid: 1000, gid: 0 },
  ],
  [
    'type=secret,source=s,target=t,env=A,required=true',
    { type: 'secret', id: 's', target: 't', env: 'A', required: true },
  ],
  ['type=ssh', { type: 'ssh', id: 'default', required: false }],
  [
    'type=ssh,id=x,target=/s,required=1,mode=600',
    { type: 'ssh', id: 'x', target: '/s', required: true, mode: 0o600 },
  ],
];
for (const [text, mount] of read) test(`reads ${text}`, () => assert.deepEqual(parseMount(text), mount));

const wrong: readonly [text: string, message: string][] = [
  ['', 'failed to parse csv mounts: EOF'],
  ['a"b', 'failed to parse csv mounts: parse error on line 1, column 2: bare " in non-quoted field'],
  [
    '"a',
    'failed to parse csv mounts: parse error on line 1, column 3: extraneous or missing " in quoted field',
  ],
  ['type=binb', 'unsupported mount type "binb" (did you mean bind?)'],
  ['type=volume', 'unsupported mount type "volume"'],
  ['target', "invalid field 'target' must be a key=value pair"],
  ['type=bind,', "invalid field '' must be a key=value pair"],
  ['tagret=/a', "unexpected key 'tagret' in 'tagret=/a' (did you mean target?)"],
  ['target=/a,required', "unexpected key 'required' for mount type 'bind'"],
  ['required,type=ssh', "unexpected key 'required' for mount type 'bind'"],
  ['type=cache,size=1', "unexpected key 'size' for mount type 'cache'"],
  ['type=cache,env=A', "unexpected key 'env' for mount type 'cache'"],
  ['type=tmpfs,size=x', 'invalid value for size: x'],
  ['type=cache,sharing=lockt', 'unsupported sharing value "lockt" (did you mean locked?)'],
  ['target=/a,sharing=shared', 'invalid cache sharing set for bind mount'],
  ['target=/a,mode=0755', 'mode not allowed for "bind" type mounts'],
  ['type=tmpfs,uid=0', 'uid not allowed for "tmpfs" type mounts'],
  ['type=cache,mode=9', 'invalid value 9 for mode'],
  ['type=cache,uid=-1', 'invalid value -1 for uid'],
  ['type=cache,gid=4294967296', 'invalid value 4294967296 for gid'],
  ['target=/a,rw=yes', 'invalid value for rw: yes'],
  ['target=/', 'invalid mount target "/"'],
  ['target=/a/..', 'invalid mount target "/"'],
  ['type=secret', 'invalid secret mount. one of source, target required'],
  ['type=secret,id=a,source=b', "both source and id can't be set"],
  ['type=secret,id=a,from=b', 'secret mount should not have a from'],
  ['type=secret,id=a,sharing=shared', 'secret mount should not define sharing'],
];
for (const [text, message] of wrong)
  test(`refuses ${JSON.stringify(text)}`, () =>
    assert.throws(() => parseMount(text), { kind: 'invalid', message }));

test('variables of a mount are put into its values, whatever they hold', () => {
  const expand = (value: string) => value.replace('$x', 'a,b="c"');
  assert.deepEqual(parseMount('type=cache,"target=/$x,d",id=$x', expand), {
    type: 'cache',
    target: '/a,b="c",d',
    id: 'a,b="c"',
    sharing: 'shared',
    readonly: false,
  });
});

test('before variables are known, only a stage has to be named without one', () => {
  checkMount('type=$T,target=${x:-a},from=b$');
  assert.throws(() => checkMount('type=bind,FROM=a$b'), {
    message: "'from' doesn't support variable expansion, define alias stage instead",
  });
});
