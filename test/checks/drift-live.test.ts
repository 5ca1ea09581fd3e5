import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { droneAuditBeside } from '../support/cli.ts';
import { docker, isEngineAsked, type RealEngine, realEngine, type Window, windowOnto } from './real-engine.ts';
import { hasRegistry, type Registry, realRegistry } from './real-registry.ts';

// Tags that move and digests are the registry's; nothing but a real one shows what an engine makes of them.

describe.skipIf(!isEngineAsked || !hasRegistry)(
  'a compose file beside its containers, with a registry (DRONE_AUDIT_TEST_DOCKER=1, docker-registry)',
  () => {
    let engine: RealEngine;
    let registry: Registry;
    let window: Window;
    let image = '';
    const digests: string[] = [];

    beforeAll(async () => {
      engine = realEngine();
      registry = await realRegistry(engine);
      window = await windowOnto(
        engine,
        ({ Names }) => `${Names}` === '' || shown.some((name) => `${Names}`.includes(name)),
      );
      image = `${registry.address}/drone/drone:2.28.2`;
      for (const release of ['first', 'second']) {
        engine.image(image, { name: 'drone-server', changes: [`ENV RELEASE=${release}`, 'EXPOSE 80'] });
        digests.push(registry.pinned(image).split('@')[1] ?? '');
        docker('rmi', '--force', image);
      }
    });

    afterAll(async () => {
      await window?.close();
      await registry?.close();
      engine?.remove();
    });

    let shown: readonly string[] = [];

    /** Makes the container of a service as compose does, from an image that was pulled. */
    function up(service: string, from: string): string {
      const name = `stack-${engine.id}-${service}-1`;
      const labels = {
        'com.docker.compose.project': 'stack',
        'com.docker.compose.service': service,
        'com.docker.compose.project.config_files': join(engine.folder, service, 'compose.yml'),
        'com.docker.compose.project.working_dir': join(engine.folder, service),
      };
      docker(
        ...['create', '--name', name, '--network', 'none', '--env', 'DRONE_SERVER_HOST=ci.example.com'],
        ...[...Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]), from],
      );
      return name;
    }

    /** What the audit of the file and the containers of that name says of their difference. */
    async function differences(service: string, declared: string): Promise<readonly string[]> {
      const folder = join(engine.folder, service);
      mkdirSync(folder, { recursive: true });
      const lines = [
        'name: stack',
        'services:',
        `  ${service}:`,
        `    image: ${declared}`,
        '    network_mode: none',
        '    environment:',
        '      DRONE_SERVER_HOST: ci.example.com',
      ];
      writeFileSync(join(folder, 'compose.yml'), `${lines.join('\n')}\n`);
      shown = [`-${service}-1`];
      const args = ['scan', folder, '--docker', `unix://${window.socket}`, '--rule', 'running-differs-from-declared'];
      const { stdout, stderr } = await droneAuditBeside([...args, '--format', 'json'], { cwd: engine.folder });
      expect(stderr).toBe('');
      const {
        findings,
        coverage,
      }: { findings: { severity: string; message: string }[]; coverage: { containers: number } } = JSON.parse(stdout);
      expect(coverage.containers).toBe(2);
      return findings.map(({ severity, message }) => `${severity}: ${message.replaceAll(engine.id, 'ID')}`);
    }

    /** Puts the tag onto the first or the second image in the registry, and pulls it. */
    function move(to: number): void {
      docker('pull', '--quiet', `${image}@${digests[to]}`);
      docker('tag', `${image}@${digests[to]}`, image);
      docker('push', '--quiet', image);
      docker('rmi', '--force', image);
      docker('pull', '--quiet', image);
    }

    test('a tag that was pulled anew is another image than the one that runs', async () => {
      move(0);
      const name = up('tagged', image);
      expect(await differences('tagged', image)).toEqual([]);
      move(1);
      // The container names the tag all the same, and the engine lists none for its image.
      expect(docker('inspect', '--format', '{{.Config.Image}}', name).trim()).toBe(image);
      expect(await differences('tagged', image)).toEqual([
        `low: container "stack-ID-tagged-1" was not made from service "tagged" as it is written now: "${image}" no longer leads to the image that it runs`,
      ]);
      docker('rm', name);
      up('tagged', image);
      expect(await differences('tagged', image)).toEqual([]);
    });

    test('a digest in the file is compared with those of the image that runs', async () => {
      docker('pull', '--quiet', `${image}@${digests[0]}`);
      up('pinned', `${image}@${digests[0]}`);
      expect(await differences('pinned', `${image}@${digests[0]}`)).toEqual([]);
      expect(await differences('pinned', `${image}@${digests[1]}`)).toEqual([
        'low: container "stack-ID-pinned-1" was not made from service "pinned" as it is written now: it runs another image than the digest in the file',
      ]);
    });

    test('a digest in the file is compared with an image that was pulled by its tag', async () => {
      move(1);
      up('later', image);
      expect(await differences('later', `${image}@${digests[1]}`)).toEqual([]);
      expect(await differences('later', `${image}@${digests[0]}`)).toEqual([
        'low: container "stack-ID-later-1" was not made from service "later" as it is written now: it runs another image than the digest in the file',
      ]);
    });
  },
);
