import { unwrittenIn } from '../../analysis/named-values.ts';
import { commandsWith, hitsByStep } from '../../analysis/step-hits.ts';
import { shellPrograms } from '../../facts/programs.ts';
import { rule, say } from '../../model/rule.ts';
import { opensSocket, programOf, type SimpleCommand } from '../../shell/commands.ts';

export default rule({
  id: 'remote-shell',
  on: 'pipeline',
  severity: 'high',
  confidence: 'high',
  title: 'Command opens a way into the build',
  why: "Somebody outside gets a shell, or a port, inside the build, with its secrets, its clone credential and the runner's network, for as long as the step lasts and without a trace in the log.",
  fix: 'Remove the command that lets people in. To look into a failing build, run it on your own machine with `drone exec`, or again as a debug build:\n\n```sh\ndrone build restart -p debug=true octocat/app 42\n```\n\nThat needs a runner that does nothing else, with a relay of your own:\n\n```ini\nDRONE_TMATE_ENABLED=true\nDRONE_TMATE_HOST=tmate.example.com\nDRONE_TMATE_AUTHORIZED_KEYS=...\n```',
  refs: [
    'https://docs.drone.io/quickstart/cli/',
    'drone-runners/drone-runner-docker engine/compiler/compiler.go:249-258',
  ],
  standards: { owasp: ['CICD-SEC-4', 'CICD-SEC-7'], cwe: ['CWE-489'] },
  since: '0.1.0',
  *judge(pipeline) {
    yield* hitsByStep(pipeline, 'high', function* (step) {
      for (const command of commandsWith(pipeline, step, waysIn)) {
        const way = wayIn(command);
        if (way === undefined) continue;
        const about = unwrittenIn(pipeline, step, command);
        yield { at: command.at, message: say`${way} in step "${step.name}"`, about };
      }
    });
  },
});

const waysIn = [
  'tmate',
  'upterm',
  'ngrok',
  'cloudflared',
  'frpc',
  'nc',
  'ncat',
  'netcat',
  'socat',
  'pty',
  ['dev', 'tcp'],
  ['dev', 'udp'],
];

/** What a command opens; undefined if it opens nothing. */
function wayIn(command: SimpleCommand): string | undefined {
  const program = programOf(command);
  if (!program) return undefined;
  const { name } = program;
  const words = program.arguments.map(({ pattern }) => pattern);
  const has = (pattern: RegExp): boolean => words.some((word) => pattern.test(word));
  const asks = /^(?:-[vVh]|--version|--help|version|help|completion|update)$/.test(words[0] ?? '');
  switch (name) {
    case 'tmate':
      return asks ? undefined : '"tmate" shares a terminal of the build over the network';
    case 'upterm':
      return words[0] === 'host' ? '"upterm host" shares a terminal of the build over the network' : undefined;
    case 'ngrok':
      return /^(?:http|tcp|tls|start|tunnel)$/.test(words[0] ?? '')
        ? '"ngrok" opens a port of the build to the world'
        : undefined;
    case 'cloudflared':
      return words[0] === 'tunnel' && !has(/^(?:list|login|--version)$/)
        ? '"cloudflared tunnel" opens a port of the build to the world'
        : undefined;
    case 'frpc':
      return asks ? undefined : '"frpc" opens a port of the build to another network';
    case 'nc':
    case 'ncat':
    case 'netcat':
      return has(/^-[a-z]*[ec]$|^--(?:exec|sh-exec)(?:=|$)/) && has(/sh$|cmd(?:\.exe)?$/)
        ? `"${name}" hands a shell to the network`
        : undefined;
    case 'socat':
      return has(/^(?:exec|system):/i) && has(/^(?:tcp|udp|openssl|ssl)\w*[-:]/i)
        ? '"socat" hands a program to the network'
        : undefined;
    default: {
      if (shellPrograms.has(name) && has(/^-[a-z]*i/) && opensSocket(command))
        return `"${name} -i" hands a shell to the network`;
      return /^python[\d.]*$/.test(name) && has(/\bpty\.spawn\b/) && has(/\bsocket\b/)
        ? `"${name}" hands a terminal to the network`
        : undefined;
    }
  }
}
