import { describe, expect, it } from 'vitest';
import { knownLines } from '../../../src/facts/log-lines.ts';
import { keptLine, readLog } from '../../../src/readers/docker/log.ts';

const kept = (line: string): unknown => keptLine(line);

describe('a line of a runner', () => {
  it.each([
    ['Unauthorized', 'Unauthorized'],
    ['Forbidden', 'Forbidden'],
    [String.raw`"<a href=\"https://ci.example.com/rpc/v2/ping\">Moved Permanently</a>.\n\n"`, 'redirect'],
    [String.raw`"<html>\r\n<head><title>308 Permanent Redirect</title></head>\r\n"`, 'redirect'],
    [
      String.raw`"Post \"https://ci.example.com/rpc/v2/ping\": x509: certificate signed by unknown authority"`,
      'certificate',
    ],
  ])('keeps the kind of the error %s', (error, kind) => {
    expect(kept(`time="2026-11-21T00:11:16Z" level=error msg="cannot ping the remote server" error=${error}`)).toEqual({
      message: 'cannot ping the remote server',
      fields: { error: kind },
    });
  });

  it('says without an error that it has none of the known ones', () => {
    expect(
      kept('time="…" level=error msg="poller: cannot request stage" error="read: connection reset" thread=2'),
    ).toEqual({
      message: 'poller: cannot request stage',
      fields: {},
    });
  });

  it('keeps the build whose configuration was refused, and why', () => {
    const line =
      'time="…" level=error msg="cannot accept configuration" build.id=7 build.number=12 error="linter: untrusted repositories cannot mount host volumes" repo.id=3 repo.name=hello-world repo.namespace=octocat stage.id=9 stage.name=default thread=1';
    expect(kept(line)).toEqual({
      message: 'cannot accept configuration',
      fields: {
        error: 'linter: untrusted repositories cannot mount host volumes',
        'repo.namespace': 'octocat',
        'repo.name': 'hello-world',
        'build.number': '12',
      },
    });
  });

  it('is known with the colours and paddings of a terminal', () => {
    const line =
      '\u001b[31mERRO\u001b[0m[0001] cannot ping the remote server                 \u001b[31merror\u001b[0m=Unauthorized\r';
    expect(kept(line)).toEqual({ message: 'cannot ping the remote server', fields: { error: 'Unauthorized' } });
  });

  it('is told of a dumped header, if that has a value', () => {
    expect(kept('X-Drone-Token: ')).toBeUndefined();
    expect(kept('X-Drone-Token: 5up3rs3cr3t\r')).toEqual({
      message: 'dump of a request with X-Drone-Token',
      fields: {},
    });
  });
});

describe('a line of a server', () => {
  it('tells that a token is there, if one is', () => {
    const line = (token: string): string =>
      `{"admin":true,"level":"info","login":"octocat","machine":false,"msg":"bootstrap: account created","time":"…","token":"${token}"}`;
    expect(kept(line('55f24eb3d61ef6ac5e83d550178638dc'))).toEqual({
      message: 'bootstrap: account created',
      fields: { login: 'octocat', token: 'present' },
    });
    expect(kept(line(''))).toBeUndefined();
  });

  it('tells who was refused, and why', () => {
    const refusal = {
      message: 'cannot admit user',
      fields: { error: 'User registration is disabled', login: 'mallory' },
    };
    expect(
      kept('{"level":"error","login":"mallory","msg":"cannot admit user: User registration is disabled","time":"…"}'),
    ).toEqual(refusal);
    expect(kept('time="…" level=error msg="cannot admit user: User registration is disabled" login=mallory')).toEqual(
      refusal,
    );
  });

  it('tells of a token in an address, and of the configuration', () => {
    expect(kept('{"level":"debug","msg":"","request":"/api/user?access_token=s3cr3t\\u0026page=1"}')).toEqual({
      message: 'request with access_token',
      fields: {},
    });
    expect(kept('license: ""')).toEqual({ message: 'dump of the configuration', fields: {} });
    expect(kept('authn:')).toEqual({ message: 'dump of the configuration', fields: {}, follows: true });
  });

  it.each([
    '',
    '{',
    '{"msg":1}',
    'null',
    'license',
    'msg=',
    'starting the server',
    '{"msg":"starting the http server"}',
  ])('is not kept: %s', (line) => expect(kept(line)).toBeUndefined());
});

describe('no secret is kept', () => {
  const canaries = [
    'ghp_0123456789abcdefghijklmnopqrstuvwxyz',
    '55f24eb3d61ef6ac5e83d550178638dc',
    'Tr0ub4dor&3 with blanks',
    'kQ7vT2xPzL9mW4aRd8Yf',
    'https://octocat:pa55w0rd@git.example.com/hello.git',
    'a".b\\c=d',
  ];
  const fields = ['error', 'login', 'repo.namespace', 'repo.name', 'build.number', 'thread', 'token', 'request', 'msg'];

  it.each(canaries)('wherever %s stands', (canary) => {
    for (const { message } of knownLines) {
      for (const field of fields) {
        for (const value of [canary, `Unauthorized ${canary}`, `/api/user?access_token=${canary}`]) {
          const said = field === 'msg' ? `${message}: ${value}` : message;
          const others = field === 'msg' ? {} : { [field]: value };
          const lines = [
            JSON.stringify({ token: 'x', msg: said, ...others }),
            Object.entries({ token: 'x', msg: said, ...others })
              .map(([name, text]) => `${name}=${JSON.stringify(text)}`)
              .join(' '),
            `${message} ${value}`,
            `${value} ${message}`,
            `ERRO[0001] ${said}  ${field}=${value}`,
          ];
          for (const line of lines) expect(JSON.stringify(keptLine(line) ?? '')).not.toContain(canary);
          for (const line of lines) expect(Object.values(keptLine(line)?.fields ?? {})).not.toContain(canary);
        }
      }
    }
    for (const dump of [`X-Drone-Token: ${canary}`, `license: ${canary}`])
      expect(JSON.stringify(keptLine(dump) ?? '')).not.toContain(canary);
  });
});

describe('what was kept of a log', () => {
  it('belongs to the container that it names, with the place of each value', () => {
    const text = `${JSON.stringify(
      {
        container: 'docker://drone-runner',
        lines: 2000,
        kept: [{ message: 'cannot ping the remote server', fields: { error: 'Unauthorized' }, count: 1990 }],
      },
      null,
      2,
    )}\n`;
    const log = readLog({ name: 'docker-log://drone-runner', form: 'docker-log', text }).logs?.get(
      'docker://drone-runner',
    );
    expect(log?.looked).toBe(2000);
    expect(log?.lines.map(({ message, count }) => [message.value, count])).toEqual([
      ['cannot ping the remote server', 1990],
    ]);
    const error = log?.lines[0]?.fields.get('error');
    expect(error && text.slice(error.at.span.start, error.at.span.end)).toMatch(/^"?Unauthorized"?$/);
  });

  it.each(['[]', '{}', '{"container": ', 'null', ''])('is nothing, with a problem, in %s', (text) => {
    const { logs, problems } = readLog({ name: 'docker-log://drone', form: 'docker-log', text });
    expect(logs ?? new Map()).toEqual(new Map());
    expect(problems).toHaveLength(1);
  });
});
