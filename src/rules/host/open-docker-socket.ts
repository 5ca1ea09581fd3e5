import type { Host, HostFile } from '../../model/engine.ts';
import { joinTexts, rule, say } from '../../model/rule.ts';

export default rule({
  id: 'open-docker-socket',
  on: 'host',
  severity: 'high',
  confidence: 'high',
  title: 'Docker socket is writable by everyone',
  why: 'Whoever may write to the socket is root on the host: they start a container with the whole disk in it. That is every account of the machine then, and every process that an exec runner starts for a build.',
  fix: `Give the socket back to root and its group, for now and for the next start:

\`\`\`sh
chown root:docker /var/run/docker.sock
chmod 660 /var/run/docker.sock
systemctl cat docker.socket
\`\`\`

There, \`SocketMode=\` has to be \`0660\`, and \`SocketUser=\` and \`SocketGroup=\` \`root\` and \`docker\`. Remove what opened it, often \`chmod 666\` in an installation script. Whoever is in the group \`docker\` is root as well.`,
  refs: [
    'https://docs.docker.com/engine/install/linux-postinstall/',
    'https://docs.docker.com/engine/security/#docker-daemon-attack-surface',
  ],
  standards: {
    owasp: ['CICD-SEC-5'],
    cisDocker: { version: '1.6.0', ids: ['3.15', '3.16'] },
    cwe: ['CWE-732'],
  },
  since: '0.1.0',
  *judge(host) {
    const { socket } = host;
    if (!socket) return;
    const isWritable = (socket.mode & 0o002) !== 0;
    const isMisowned = isForeign(socket) && !isPersonal(host, socket);
    const faults = [
      ...(isWritable ? [say`is writable by everyone (mode ${socket.mode.toString(8).padStart(3, '0')})`] : []),
      ...(isMisowned ? [say`belongs to "${socket.user}:${socket.group}"`] : []),
    ];
    if (faults.length === 0) return;
    yield {
      at: socket.at,
      subject: 'socket',
      cisDocker: [...(isMisowned ? ['3.15'] : []), ...(isWritable ? ['3.16'] : [])],
      fills: { '/var/run/docker.sock': socket.path },
      message: say`"${socket.path}" of ${host.label} ${joinTexts(faults, ' and ')}`,
    };
  },
});

/** Whether somebody but root and the group made for it has it. A number is a group whose name is not known. */
function isForeign({ user, group }: HostFile): boolean {
  return !/^(?:root|0|)$/.test(user) || !/^(?:root|docker|podman|\d*)$/.test(group);
}

/** A rootless engine, and one in a virtual machine of a desktop, is no more than the account that it belongs to. */
function isPersonal({ rootless, platform }: Host, { path }: HostFile): boolean {
  return rootless || /^Docker Desktop\b/.test(platform?.value ?? '') || /^\/(?:home|Users|run\/user)\//.test(path);
}
