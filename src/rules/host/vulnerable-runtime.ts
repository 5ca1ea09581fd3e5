import { opennessOf, publicAccessPath } from '../../analysis/runner-access.ts';
import { isOlderRelease, parseRelease } from '../../drone/release.ts';
import { isDistributionBuild, isVendorBuild, type RuntimeFault, runtimeFaults } from '../../facts/engine-versions.ts';
import type { Host } from '../../model/engine.ts';
import { type Context, joinTexts, ownWords, rule, say, type Text } from '../../model/rule.ts';
import { originOf } from '../../model/source.ts';

export default rule({
  id: 'vulnerable-runtime',
  on: 'host',
  severity: 'high',
  confidence: 'medium',
  title: 'Container runtime has a known escape',
  why: 'An image or a step made for it leaves its container and is root on the host, with the secrets of every build there. Images and steps are chosen by whoever writes a pipeline, pull requests included.',
  fix: `Update the runtime, when no build runs (\`drone queue pause\` keeps new ones back, and \`drone queue resume\` starts them). With Docker's packages, runc comes with containerd, and BuildKit with the engine:

\`\`\`sh
apt-get update && apt-get install docker-ce containerd.io
docker version
\`\`\`

A container that already runs goes on under the old version.`,
  refs: [...new Set(runtimeFaults.map(({ source }) => source))],
  standards: { owasp: ['CICD-SEC-7'], cwe: ['CWE-1395'] },
  since: '0.1.0',
  *judge(host, context) {
    for (const { name, version } of host.components) {
      const { product, component, release } = runtimeOf(name, version.value);
      const faults = runtimeFaults.filter((fault) => fault.component === component && hasFault(release, fault));
      if (faults.length === 0) continue;
      const isMended = isDistributionBuild(version.value) || isVendorBuild(host.platform?.value ?? '');
      const way = isMended ? undefined : waysIn(host, context);
      yield {
        at: version.at,
        subject: `component ${component}`,
        message: say`${host.label} has ${product} ${release}, open to ${joinTexts(faults.map(toldOf), '; ')}${isMended ? say`; its vendor may have backported the fixes` : ''}${way ? say`; and ${way}` : ''}`,
        severity: isMended ? 'info' : way ? 'critical' : undefined,
      };
    }
  },
});

/** Podman reports `OCI Runtime (runc)` with a version of several lines, `runc version 1.1.5`. */
function runtimeOf(
  name: string,
  version: string,
): {
  readonly product: string;
  readonly component: string;
  readonly release: string;
} {
  const inner = /^OCI Runtime \(([\w-]{1,40})\)$/.exec(name)?.[1] ?? name;
  const release = /(?:^|\s)v?(\d{1,4}\.\d{1,4}\S{0,60})/.exec(version)?.[1] ?? version;
  return { product: inner, component: inner.toLowerCase(), release };
}

/** Whether a release is older than the first that mends a fault, or than that of its own line. */
function hasFault(release: string, { fixed }: RuntimeFault): boolean {
  const line = (text: string): string | undefined => parseRelease(text)?.numbers.slice(0, 2).join('.');
  const ofLine = fixed.find((each) => line(each) === line(release));
  return isOlderRelease(release, ofLine ?? fixed[0]);
}

function toldOf({ fixed, cves, what, verified }: RuntimeFault): Text {
  const doubt = ownWords(verified ? '' : ', not verified');
  return say`${cves.join(', ')} (fixed in ${fixed.join(', ')}${doubt}): ${what}`;
}

/** How people who have no rights in a repository come to have builds on this host; undefined where nothing shows that they do. */
function waysIn(host: Host, context: Context): Text | undefined {
  const origin = originOf(host.at.source.name);
  const { settings, repositories } = context.installation;
  const runners = settings.filter(
    ({ role, live, at }) =>
      (role === 'runner-docker' || role === 'agent') && live && originOf(at.source.name) === origin,
  );
  for (const runner of runners) {
    if (opennessOf(runner, ['DRONE_LIMIT_REPOS', 'DRONE_LIMIT_TRUSTED', 'DRONE_LIMIT_EVENTS']).state !== 'open')
      continue;
    const path = publicAccessPath(runner, context);
    if (path) return path;
  }
  const open = repositories.find(
    (each) =>
      each.active.value &&
      !each.private.value &&
      !each.protected.value &&
      !each.ignoreForks.value &&
      !each.ignorePullRequests.value,
  );
  return open && runners.length > 0 ? say`"${open.slug}" builds pull requests from forks` : undefined;
}
