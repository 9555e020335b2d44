/** A context as files: text, or what else is there. */
export type ContextFiles = Readonly<
  Record<
    string,
    | string
    | { readonly mode?: number; readonly content?: string; readonly link?: string; readonly shell?: string }
  >
>;

/** A Dockerfile that both engines build from the same context. */
export interface BuildCase {
  readonly name: string;
  readonly dockerfile: string;
  readonly files?: ContextFiles;
  readonly arguments?: readonly string[];
  /** Which of dockerd's builders is asked; both when absent. */
  readonly peer?: 'classic' | 'buildKit';
  /** The build must fail, in both. */
  readonly fails?: true;
}

const from = 'FROM busybox\n';

/** Each instruction, flag and corner, small. */
export const builds: readonly BuildCase[] = [
  { name: 'FROM alone', dockerfile: from },
  { name: 'FROM scratch and COPY', dockerfile: 'FROM scratch\nCOPY a /a\n', files: { a: 'x' } },
  { name: 'FROM an ARG', dockerfile: 'ARG base=busybox\nFROM $base\nRUN echo a > /a\n' },
  {
    name: 'FROM an ARG with a default in braces',
    dockerfile: `ARG base\nFROM \${base:-busybox}\nRUN echo a > /a\n`,
  },
  {
    name: 'FROM a stage',
    dockerfile: 'FROM busybox AS one\nENV A=1\nRUN echo one > /one\nFROM one\nRUN echo $A > /two\n',
  },
  { name: 'RUN in a shell', dockerfile: `${from}RUN echo "a b" > /a && ln -s a /b\n` },
  { name: 'RUN in exec form', dockerfile: `${from}RUN ["touch", "/a b"]\n` },
  {
    name: 'RUN over several lines',
    dockerfile: `${from}RUN echo a > /a \\\n  && echo b > /b \\\n# a comment\n  && echo c > /c\n`,
  },
  {
    name: 'RUN that deletes',
    dockerfile: `${from}RUN mkdir /d && touch /d/a /d/b\nRUN rm /d/a\nRUN rm -r /d && mkdir /d && touch /d/c\n`,
  },
  {
    name: 'RUN that changes modes and owners',
    dockerfile: `${from}RUN touch /a && chmod 4711 /a && chown 12:34 /a && mkdir -m 1777 /t\n`,
  },
  {
    name: 'RUN that makes links',
    dockerfile: `${from}RUN echo a > /a && ln /a /hard && ln -s /a /soft && ln -s nowhere /broken\n`,
  },
  { name: 'RUN that makes a FIFO and a device', dockerfile: `${from}RUN mkfifo /f && mknod /n c 1 3\n` },
  { name: 'RUN that changes nothing', dockerfile: `${from}RUN true\n` },
  {
    name: 'RUN as another user',
    dockerfile: `${from}RUN mkdir -m 777 /w\nUSER 1000:2000\nRUN touch /w/a && id > /w/id\n`,
  },
  { name: 'RUN in a working directory', dockerfile: `${from}WORKDIR /w/x\nRUN pwd > here\n` },
  { name: 'RUN that fails', dockerfile: `${from}RUN echo before; exit 7\n`, fails: true },
  { name: 'RUN of what is not there', dockerfile: `${from}RUN ["/nowhere"]\n`, fails: true },
  {
    name: 'RUN with no network',
    dockerfile: `${from}RUN ls /sys/class/net > /links\n`,
    arguments: ['--network', 'none'],
  },
  {
    name: 'ENV in two forms',
    dockerfile: `${from}ENV A=1 B="two words" C=thr\\ ee\nENV D the rest\nRUN echo "$A|$B|$C|$D" > /env\n`,
  },
  {
    name: 'ENV from ENV',
    dockerfile: `${from}ENV A=1\nENV A=2 B=$A\nENV C=\${A}x\${Z:-none}\${A:+some}\nRUN echo "$A|$B|$C" > /env\n`,
  },
  { name: 'ARG and its default', dockerfile: `${from}ARG A=1\nARG B\nRUN echo "$A|$B" > /args\n` },
  {
    name: 'ARG given',
    dockerfile: `${from}ARG A=1\nRUN echo "$A" > /args\n`,
    arguments: ['--build-arg', 'A=2'],
  },
  {
    name: 'ARG below ENV',
    dockerfile: `${from}ARG A=arg\nENV A=env\nRUN echo "$A" > /a\n`,
    arguments: ['--build-arg', 'A=given'],
  },
  { name: 'ARG from before FROM', dockerfile: 'ARG A=global\nFROM busybox\nARG A\nRUN echo "$A" > /a\n' },
  {
    name: 'ARG in FROM does not reach the stage',
    dockerfile: 'ARG A=global\nFROM busybox\nRUN echo "[$A]" > /a\n',
  },
  {
    name: 'ARG of a stage that another is built on',
    dockerfile: 'FROM busybox AS one\nARG A=1\nENV B=2\nFROM one\nRUN echo "[$A][$B]" > /a\n',
  },
  {
    name: 'CMD of a stage that another is built on',
    dockerfile: 'FROM busybox AS one\nCMD ["a"]\nFROM one\nENTRYPOINT ["b"]\n',
  },
  {
    name: 'an author of a stage that another is built on',
    dockerfile: 'FROM busybox AS one\nMAINTAINER me\nFROM one\nENV A=1\n',
  },
  { name: 'LABEL', dockerfile: `${from}LABEL a=1 "b c"="d e" f='g'\nLABEL h i j\n` },
  {
    name: 'labels from the command line',
    dockerfile: `${from}LABEL a=1\n`,
    arguments: ['--label', 'b=2', '--label', 'a=3'],
  },
  { name: 'MAINTAINER', dockerfile: `${from}MAINTAINER someone <a@b.c>\n` },
  { name: 'EXPOSE', dockerfile: `${from}ENV P=9\nEXPOSE 80 53/udp 8000-8002/tcp $P\n` },
  { name: 'VOLUME', dockerfile: `${from}VOLUME /a /b\nVOLUME ["/c", "/d e"]\n` },
  { name: 'USER', dockerfile: `${from}ENV U=nobody\nUSER $U\n` },
  {
    name: 'WORKDIR relative and absolute',
    dockerfile: `${from}WORKDIR /a\nWORKDIR b\nWORKDIR ../c\nRUN touch x\n`,
  },
  { name: 'WORKDIR with a variable', dockerfile: `${from}ENV D=/from/env\nWORKDIR $D/x\nRUN touch y\n` },
  { name: 'WORKDIR that is there', dockerfile: `${from}WORKDIR /etc\n` },
  { name: 'CMD in a shell', dockerfile: `${from}CMD echo hi\n` },
  { name: 'CMD in exec form', dockerfile: `${from}CMD ["echo", "hi"]\n` },
  { name: "ENTRYPOINT takes the base's CMD away", dockerfile: `${from}ENTRYPOINT ["sh", "-c"]\n` },
  { name: 'ENTRYPOINT and CMD', dockerfile: `${from}CMD ["a"]\nENTRYPOINT ["sh"]\nCMD ["b"]\n` },
  { name: 'SHELL', dockerfile: `${from}SHELL ["/bin/sh", "-ec"]\nRUN echo a > /a\nCMD echo b\n` },
  { name: 'STOPSIGNAL', dockerfile: `${from}STOPSIGNAL SIGUSR1\n` },
  {
    name: 'HEALTHCHECK',
    dockerfile: `${from}HEALTHCHECK --interval=5s --timeout=3s --retries=2 CMD wget -q localhost\n`,
  },
  { name: 'HEALTHCHECK in exec form', dockerfile: `${from}HEALTHCHECK CMD ["true", "x"]\n` },
  { name: 'HEALTHCHECK NONE', dockerfile: `${from}HEALTHCHECK NONE\n` },
  { name: 'ONBUILD', dockerfile: `${from}ONBUILD RUN echo trigger > /t\nONBUILD ENV A=1\n` },
  { name: 'COPY a file', dockerfile: `${from}COPY a /b\n`, files: { a: 'x' } },
  { name: 'COPY into a directory', dockerfile: `${from}COPY a b /d/\n`, files: { a: 'x', b: 'y' } },
  {
    name: "COPY a directory's content",
    dockerfile: `${from}COPY d /e\n`,
    files: { 'd/a': 'x', 'd/s/b': 'y' },
  },
  { name: 'COPY all', dockerfile: `${from}COPY . /all/\n`, files: { a: 'x', 'd/b': 'y', '.hidden': 'z' } },
  {
    name: 'COPY by a pattern',
    dockerfile: `${from}COPY *.txt f?le /d/\n`,
    files: { 'a.txt': 'x', 'b.txt': 'y', c: 'z', file: 'w' },
  },
  {
    name: 'COPY to a relative destination',
    dockerfile: `${from}WORKDIR /w\nCOPY a .\nCOPY a sub/\n`,
    files: { a: 'x' },
  },
  { name: 'COPY a name with a blank', dockerfile: `${from}COPY ["a b", "/c d"]\n`, files: { 'a b': 'x' } },
  {
    name: 'COPY keeps modes',
    dockerfile: `${from}COPY d /d\n`,
    files: { 'd/x': { content: 'x', mode: 0o755 }, 'd/y': { content: 'y', mode: 0o600 } },
  },
  {
    name: 'COPY keeps symlinks',
    dockerfile: `${from}COPY d /d\n`,
    files: { 'd/a': 'x', 'd/l': { link: 'a' } },
  },
  { name: 'COPY --chown by number', dockerfile: `${from}COPY --chown=5:6 d /d\n`, files: { 'd/a': 'x' } },
  {
    name: 'COPY --chown by name',
    dockerfile: `${from}RUN echo "me:x:77:88::/:/bin/sh" >> /etc/passwd && printf "us:x:99:\\nme:x:88:\\n" >> /etc/group\nCOPY --chown=me:us a /a\nCOPY --chown=me a /b\n`,
    files: { a: 'x' },
  },
  {
    name: 'COPY through a link',
    dockerfile: `${from}RUN mkdir /real && ln -s /real /link\nCOPY a /link/a\n`,
    files: { a: 'x' },
  },
  {
    name: 'COPY over a file',
    dockerfile: `${from}RUN echo old > /f && chmod 600 /f\nCOPY a /f\n`,
    files: { a: 'new' },
  },
  {
    name: 'COPY into a directory that is there',
    dockerfile: `${from}RUN mkdir -m 700 /p && chown 3:4 /p\nCOPY a /p/\n`,
    files: { a: 'x' },
  },
  {
    name: 'COPY --from a stage',
    dockerfile:
      'FROM busybox AS one\nRUN echo built > /out && chmod 755 /out\nFROM busybox\nCOPY --from=one /out /out\n',
  },
  {
    name: 'COPY --from a number',
    dockerfile: 'FROM busybox\nRUN mkdir /d && echo a > /d/a\nFROM scratch\nCOPY --from=0 /d /e\n',
  },
  { name: 'COPY --from an image', dockerfile: `${from}COPY --from=busybox /etc/passwd /p\n` },
  { name: 'COPY of what is not there', dockerfile: `${from}COPY nothing /\n`, fails: true },
  {
    name: 'COPY of several to a file',
    peer: 'classic',
    dockerfile: `${from}COPY a b /c\n`,
    files: { a: 'x', b: 'y' },
    fails: true,
  },
  { name: 'COPY from outside', peer: 'buildKit', dockerfile: `${from}COPY ../a /a\n`, files: { a: 'x' } },
  {
    name: 'COPY from outside, refused',
    peer: 'classic',
    dockerfile: `${from}COPY ../a /a\n`,
    files: { a: 'x' },
    fails: true,
  },
  { name: 'ADD a file', dockerfile: `${from}ADD a /a\n`, files: { a: 'x' } },
  {
    name: 'ADD unpacks a tar',
    dockerfile: `${from}ADD t.tar /d/\n`,
    files: {
      't.tar': {
        shell: 'mkdir t && echo x > t/x && chmod 700 t/x && tar --owner=7 --group=8 -cf t.tar t && rm -r t',
      },
    },
  },
  {
    name: 'ADD unpacks a compressed tar',
    dockerfile: `${from}ADD t.tgz /d/\n`,
    files: {
      't.tgz': { shell: 'mkdir t && echo x > t/x && tar --owner=0 --group=0 -czf t.tgz t && rm -r t' },
    },
  },
  {
    name: 'ADD of what is no tar',
    dockerfile: `${from}ADD t.tar.gz /d/\n`,
    files: { 't.tar.gz': 'no tar at all' },
  },
  { name: 'ADD --chown', dockerfile: `${from}ADD --chown=5 a /a\n`, files: { a: 'x' } },
  {
    name: '.dockerignore',
    dockerfile: `${from}COPY . /c/\n`,
    files: { '.dockerignore': '*.log\nd\n!d/keep\n', 'a.log': 'x', b: 'y', 'd/drop': 'z', 'd/keep': 'w' },
  },
  { name: 'the escape directive', dockerfile: `# escape=\`\n${from}RUN echo a > /a && \`\n  echo b > /b\n` },
  {
    name: 'comments and empty lines',
    dockerfile: `# first\n\n${from}\n# between\n\nRUN echo a \\\n\n  > /a\n`,
  },
  { name: 'lower case', dockerfile: 'from busybox\nrun echo a > /a\nenv A=1\n' },
  { name: 'an unknown instruction', dockerfile: `${from}FOO bar\n`, fails: true },
  { name: 'an empty Dockerfile', dockerfile: '', fails: true },
  { name: 'an unknown flag', dockerfile: `${from}COPY --nope a /\n`, files: { a: 'x' }, fails: true },
  { name: 'no FROM', dockerfile: 'RUN true\n', fails: true },
  {
    name: 'a target',
    dockerfile: 'FROM busybox AS one\nRUN echo 1 > /1\nFROM busybox AS two\nRUN exit 1\n',
    arguments: ['--target', 'one'],
  },
  {
    name: 'an unknown target',
    dockerfile: `${from}RUN true\n`,
    arguments: ['--target', 'nope'],
    fails: true,
  },
  {
    name: 'four stages',
    dockerfile:
      'FROM busybox AS a\nRUN echo a > /a\nFROM busybox AS b\nRUN echo b > /b\nFROM a AS c\nCOPY --from=b /b /b\nFROM scratch\nCOPY --from=c /a /b /\n',
  },
  {
    name: 'another Dockerfile',
    dockerfile: from,
    files: { 'sub/other': `${from}RUN echo other > /o\n` },
    arguments: ['-f', 'sub/other'],
  },
  {
    name: 'add-host',
    dockerfile: `${from}RUN grep there /etc/hosts > /h\n`,
    arguments: ['--add-host', 'there:10.1.2.3'],
  },
  {
    name: 'shm-size',
    peer: 'classic',
    dockerfile: `${from}RUN df /dev/shm | tail -1 | awk '{print $2}' > /s\n`,
    arguments: ['--shm-size', '8m'],
  },
  {
    name: 'ulimit',
    peer: 'classic',
    dockerfile: `${from}RUN ulimit -n > /u\n`,
    arguments: ['--ulimit', 'nofile=99:99'],
  },
  {
    name: 'a mount from a stage',
    peer: 'buildKit',
    dockerfile:
      'FROM busybox AS one\nRUN echo x > /x\nFROM busybox\nRUN --mount=type=bind,from=one,target=/m cat /m/x > /y\n',
  },
  {
    name: 'a mount from the context',
    peer: 'buildKit',
    dockerfile: `${from}RUN --mount=type=bind,target=/m cat /m/a > /y\n`,
    files: { a: 'ctx' },
  },
  {
    name: 'a mount of one file',
    peer: 'buildKit',
    dockerfile: `${from}RUN --mount=type=bind,source=a,target=/m/f cat /m/f > /y\n`,
    files: { a: 'ctx' },
  },
  {
    name: 'a writable mount that is forgotten',
    peer: 'buildKit',
    dockerfile: `${from}RUN --mount=type=bind,target=/m,rw echo z > /m/a && cat /m/a > /y\n`,
    files: { a: 'ctx' },
  },
  {
    name: 'a cache mount',
    peer: 'buildKit',
    dockerfile: `${from}RUN --mount=type=cache,target=/c echo x > /c/x && cp /c/x /y\n`,
  },
  {
    name: 'a tmpfs mount',
    peer: 'buildKit',
    dockerfile: `${from}RUN --mount=type=tmpfs,target=/t echo t > /t/x && cp /t/x /y\n`,
  },
  {
    name: 'a secret',
    peer: 'buildKit',
    dockerfile: `${from}RUN --mount=type=secret,id=s cp /run/secrets/s /y; ls -l /run/secrets | tail -1 | cut -c1-10 > /mode\n`,
    files: { s: 'hidden' },
    arguments: ['--secret', 'id=s,src=s'],
  },
  {
    name: 'a secret that is not there',
    peer: 'buildKit',
    dockerfile: `${from}RUN --mount=type=secret,id=s ls /run/secrets > /y 2>/dev/null || true\n`,
  },
];
