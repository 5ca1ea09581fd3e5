import { describe, expect, it, test } from 'vitest';
import { deploymentsOf, isAutoTagged, isDryRun, isPlugin } from '../../src/drone/deployment.ts';
import type { Step } from '../../src/model/pipeline.ts';
import { readPipelines } from '../../src/readers/pipeline/stream.ts';
import { expectProportional } from '../support/cost.ts';

function stepOf(fields: object): Step {
  const step = { name: 'build', image: 'alpine:3.20', ...fields };
  const text = JSON.stringify({ kind: 'pipeline', name: 'web', steps: [step] }, undefined, 1);
  const [found] = readPipelines({ name: '.drone.yml', form: 'drone', text }).pipelines[0]?.steps ?? [];
  if (!found) throw new Error('no step');
  return found;
}

const told = (fields: object): string[] =>
  deploymentsOf(stepOf(fields)).map(({ does, by, what }) => `${does} by ${by} ${what}`);
const ofCommand = (command: string): string[] => told({ commands: [command] });

describe('commands', () => {
  test.each([
    ['kubectl apply -f deploy/', 'deploy', 'kubectl apply'],
    ['kubectl -n web set image deployment/web web=web:1', 'deploy', 'kubectl apply'],
    ['helm upgrade --install web charts/web', 'deploy', 'helm upgrade'],
    ['terraform apply -auto-approve', 'deploy', 'terraform apply'],
    ['ansible-playbook -i hosts site.yml', 'deploy', 'ansible-playbook'],
    ['aws ecs update-service --service web', 'deploy', 'aws ecs'],
    ['aws --region eu-west-1 s3 sync dist/ s3://web', 'deploy', 'aws s3 sync'],
    ['serverless deploy --stage live', 'deploy', 'serverless deploy'],
    ['fly deploy', 'deploy', 'deploy to a platform'],
    ['rsync -az dist/ web@web.example.com:/srv/web', 'deploy', 'rsync'],
    ['docker push registry.example.com/web', 'image', 'docker push'],
    ['docker buildx build --push .', 'image', 'docker buildx --push'],
    ['docker buildx bake --push', 'image', 'docker buildx --push'],
    ['docker build --push -t registry.example.com/web .', 'image', 'docker buildx --push'],
    ['docker buildx build -t registry.example.com/web --output type=registry .', 'image', 'docker build --output'],
    ['docker buildx build -o type=image,name=web,push=true .', 'image', 'docker build --output'],
    ['docker buildx build --output=type=image,"name=web,push=true" .', 'image', 'docker build --output'],
    [
      'buildctl build --frontend dockerfile.v0 --output type=image,name=web,push=true',
      'image',
      'docker build --output',
    ],
    ['docker compose -f ci.yml push web', 'image', 'docker-compose push'],
    ['./mvnw package -Dquarkus.container-image.push=true', 'image', 'image push by Maven or Gradle'],
    ['mvn -B compile jib:build', 'image', 'image push by Maven or Gradle'],
    ['./gradlew :web:jib', 'image', 'image push by Maven or Gradle'],
    ['gradle bootBuildImage --publishImage', 'image', 'image push by Maven or Gradle'],
    ['/kaniko/executor --context . --destination registry.example.com/web:1', 'image', 'kaniko'],
    ['npm publish', 'package', 'npm publish'],
    ['python -m twine upload dist/*', 'package', 'twine upload'],
    ['mvn -B deploy', 'package', 'mvn deploy'],
    ['goreleaser release --clean', 'release', 'goreleaser'],
    ['gh release create v1', 'release', 'gh release'],
    ['cd web && NODE_ENV=production npm publish', 'package', 'npm publish'],
    ['if [ -n "$X" ]; then sudo kubectl apply -f x.yaml; fi', 'deploy', 'kubectl apply'],
    ['kubectl \\\n  apply -f x.yaml', 'deploy', 'kubectl apply'],
    ['kubectl apply --dry-run=none -f x.yaml', 'deploy', 'kubectl apply'],
  ])('%j', (command, does, what) => {
    expect(ofCommand(command)).toEqual([`${does} by command "${what}"`]);
  });

  test.each([
    'kubectl get pods',
    'kubectl apply --dry-run=server -f x.yaml',
    'helm template charts/web',
    'helm upgrade --dry-run web charts/web',
    'terraform plan',
    'ansible-playbook --syntax-check site.yml',
    'aws s3 sync s3://cache/ cache',
    'rsync -n -a dist/ web@web.example.com:/srv',
    'rsync -a dist/ /srv/web',
    'docker pull alpine',
    'docker buildx build .',
    'docker buildx build --output type=docker .',
    'docker buildx build --output type=image,push=false .',
    'docker build -o out .',
    'mvn compile jib:dockerBuild',
    './mvnw package -Dquarkus.container-image.push=false',
    '/kaniko/executor --context . --no-push --destination registry.example.com/web:1',
    'npm run publish-docs',
    'npm publish --dry-run',
    'goreleaser build',
    'goreleaser release --snapshot',
    'echo "kubectl apply -f x.yaml"',
    '# kubectl apply -f x.yaml',
    'grep -r kubectl docs',
  ])('%j does neither', (command) => {
    expect(ofCommand(command)).toEqual([]);
  });

  it('tells each tool once, and no argument', () => {
    const commands = [
      'npm publish --token 7f3c',
      'npm publish other',
      'docker push user:secret@registry.example.com/x',
    ];
    expect(told({ commands })).toEqual(['package by command "npm publish"', 'image by command "docker push"']);
  });

  it('takes little time for hostile commands', () => {
    const command = `aws ${'s3 sync '.repeat(400)}`;
    const whole = stepOf({ commands: Array(3_000).fill(command) });
    const quarter = stepOf({ commands: Array(750).fill(command) });
    expectProportional((scale) => deploymentsOf(scale === 1 ? whole : quarter));
  });
});

describe('plugins and names', () => {
  test.each([
    [{ image: 'plugins/docker:20' }, ['image by plugin "plugins/docker"']],
    [{ image: 'docker.io/plugins/docker' }, ['image by plugin "plugins/docker"']],
    [{ image: 'registry.example.com/plugins/docker' }, ['image by plugin "plugins/docker"']],
    [{ image: 'registry.example.com:5000/hub/plugins/docker:20' }, ['image by plugin "plugins/docker"']],
    [{ image: 'mirror/plugins/docker' }, []],
    [{ image: 'registry.example.com/docker' }, []],
    [{ image: 'plugins/docker', settings: { dry_run: true } }, []],
    [{ image: 'plugins/docker', settings: { dry_run: false } }, ['image by plugin "plugins/docker"']],
    [{ image: 'plugins/docker', commands: ['true'] }, []],
    [{ image: 'plugins/ansible' }, ['deploy by plugin "plugins/ansible"']],
    [{ name: 'deploy' }, ['deploy by name its name']],
    [{ name: 'prod-rollout' }, ['deploy by name its name']],
    [{ name: 'deployed' }, []],
    [{ name: 'test-release' }, []],
    [{ name: 'release-notes' }, []],
    [{ name: 'product' }, []],
    [{ name: 'deploy', image: 'plugins/docker' }, ['image by plugin "plugins/docker"']],
  ])('%j', (fields, expected) => {
    expect(told(fields)).toEqual(expected);
  });

  it('knows plugins, rehearsals and automatic tags', () => {
    expect(isPlugin(stepOf({}))).toBe(true);
    expect(isPlugin(stepOf({ commands: ['make'] }))).toBe(false);
    expect(isPlugin(stepOf({ entrypoint: ['/bin/true'] }))).toBe(false);
    expect(isDryRun(stepOf({ settings: { dry_run: 'true' } }))).toBe(true);
    expect(isDryRun(stepOf({ settings: { dry_run: '${DRY_RUN}' } }))).toBe(false);
    expect(isAutoTagged(stepOf({ settings: { auto_tag: true } }))).toBe(true);
    expect(isAutoTagged(stepOf({ settings: { auto_tag: false } }))).toBe(false);
  });
});
