import { localDrivers } from '../../analysis/log-driver.ts';
import { logShippers } from '../../facts/internal-services.ts';
import { isPod } from '../../model/container.ts';
import type { Installation } from '../../model/installation.ts';
import { memoizePer } from '../../model/memoize.ts';
import { isRunner } from '../../model/role.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'unkept-logs',
  on: 'container',
  severity: 'info',
  confidence: 'high',
  pedantic: true,
  title: 'Logs are lost or stay on the host',
  why: 'Only the logs of the server and runners show who did what. Logs that are discarded show nothing, logs without rotation fill the disk, and logs that stay on the host are at the mercy of whoever takes over the host.',
  fix: `Send the logs to another machine:

\`\`\`yaml compose
logging:
  driver: syslog
  options: { syslog-address: "tcp+tls://logs.example.com:6514", tag: drone }
\`\`\`

The container does not start while that address is out of reach. Or keep \`json-file\` with \`max-size: "10m"\` and \`max-file: "5"\`, and run a log shipper (Promtail, Fluent Bit, Vector) beside it.

Build logs can go to S3 or Azure storage (\`DRONE_S3_BUCKET\`, \`DRONE_AZURE_BLOB_CONTAINER_NAME\`).`,
  refs: ['https://docs.docker.com/engine/logging/configure/', 'https://docs.drone.io/server/storage/logs/'],
  standards: { owasp: ['CICD-SEC-10'], cisDocker: { version: '1.6.0', ids: ['2.13'] } },
  since: '0.1.0',
  *judge(container, { installation }) {
    const { role, logDriver, logOptions, label } = container;
    if ((role !== 'server' && !isRunner(role)) || isPod(container)) return;
    if (logDriver === undefined) {
      yield { at: container.at, inconclusive: say`no log driver is named here; the engine decides` };
      return;
    }
    const { value: driver, at } = logDriver;
    if (driver === 'none') {
      yield { at, subject: 'log', message: say`the log of ${label} is discarded`, severity: 'low' };
      return;
    }
    if (!localDrivers.has(driver)) return;
    const grows = (driver === 'json-file' || driver === 'local') && !logOptions.has('max-size');
    const shippers = shippersOf(installation);
    const stays = container.live ? !shippers.live : !shippers.declared;
    if (!grows && !stays) return;
    const faults = [...(grows ? ['grows without limit'] : []), ...(stays ? ['stays on its host'] : [])];
    yield { at, subject: 'log', message: say`the log of ${label} ${faults.join(' and ')} (driver "${driver}")` };
  },
});

/** Whether a log collector runs, or is declared, beside Drone. */
const shippersOf = memoizePer(({ containers }: Installation) => {
  const shippers = containers.filter(({ image }) => {
    const name = image?.value.name ?? '';
    return logShippers.has(name) || logShippers.has(name.split('/').at(-1) ?? '');
  });
  return { live: shippers.some(({ live }) => live), declared: shippers.some(({ live }) => !live) };
});
