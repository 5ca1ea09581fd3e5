import { covers, keepsDatabase, usesDefaultDatabase } from '../../analysis/kept-data.ts';
import { olderThan, parseVersion } from '../../drone/version.ts';
import { rule, say } from '../../model/rule.ts';

const inCluster = `Mount a claim at \`/data\`, but copy the database out first, while no build runs: a new claim is empty, and so is the server on it.

\`\`\`sh
kubectl cp POD:/data/database.sqlite database.sqlite
\`\`\`

\`\`\`yaml kubernetes
spec:
  template:
    spec:
      containers:
        - name: CONTAINER_NAME
          volumeMounts:
            - { name: data, mountPath: /data }
      volumes:
        - name: data
          persistentVolumeClaim: { claimName: drone-data }
\`\`\`

\`\`\`yaml helm
persistentVolume:
  enabled: true
  mountPath: /data
\`\`\`

Then put it back (\`kubectl cp database.sqlite POD:/data/database.sqlite\`) and restart the server (\`kubectl delete pod POD\`).`;

export default rule({
  id: 'misplaced-data-directory',
  on: 'container',
  severity: 'low',
  confidence: 'medium',
  title: 'Database is not on the mounted volume',
  why: 'The image declares `/data` as a volume, and nothing of your own is mounted there: the database, with all accounts and secrets, lands in an anonymous volume. The next container gets an empty one, and backups miss it.',
  fix: `Mount a volume at \`/data\`, but copy the database out first: a new volume is empty, and so is the server on it.

\`\`\`sh
docker stop CONTAINER
docker cp CONTAINER:/data/database.sqlite .
\`\`\`

\`\`\`yaml compose
volumes:
  - drone-data:/data
\`\`\`

Declare the volume (\`volumes: { drone-data: {} }\`). Create the container without starting it (\`docker compose up --no-start\`), put the database back (\`docker cp database.sqlite CONTAINER:/data/\`), and start it.`,
  refs: ['https://docs.drone.io/server/storage/database/', 'harness/drone docker/Dockerfile.server.linux.amd64'],
  standards: { owasp: ['CICD-SEC-10'] },
  since: '0.1.0',
  *judge(container) {
    const { role, version, environment, mounts, label, name, live } = container;
    if (role !== 'server' || olderThan(parseVersion(version), [1])) return;
    if (keepsDatabase(container)) return;
    const usesDefault = usesDefaultDatabase(container);
    if (usesDefault === false) return;
    const unnamed = mounts.find((mount) => covers(mount, '/data'));
    const misplaced = mounts.find((each) => each !== unnamed && /drone|sqlite|data/i.test(each.target ?? ''));
    const at = (misplaced ?? unnamed)?.at ?? container.at;
    const gap = container.gaps.find((reason) => /mount|volume/i.test(`${reason}`));
    if (usesDefault === undefined || gap !== undefined) {
      yield { at, inconclusive: gap ?? environment.gaps[0] ?? say`the environment is not wholly known` };
      return;
    }
    yield {
      at,
      subject: 'mount /data',
      fix: /^(?:kubernetes|helm-values)$/.test(at.source.form) ? inCluster : undefined,
      // Compose and Kubernetes make names of their own.
      fills: { CONTAINER_NAME: name, CONTAINER: live || at.source.form === 'docker-run' ? name : '' },
      message: misplaced
        ? say`${label} keeps its database below "/data"${unnamed ? say`, an anonymous volume` : ''}, but "${misplaced.target ?? ''}" is mounted`
        : unnamed
          ? say`"${unnamed.target ?? ''}" of ${label} is an anonymous volume: its next container gets an empty one`
          : say`${label} keeps its database below "/data", where nothing is mounted`,
    };
  },
});
