import { describe, expect, it } from 'vitest';
import { recognise } from '../../src/readers/recognise.ts';

const compose = 'services:\n  drone:\n    image: drone/drone:2\n';
const pipeline = 'kind: pipeline\nname: default\nsteps:\n  - name: test\n    image: golang:1.23\n';

describe('a page of prose', () => {
  it('is never read as the files that it shows', () => {
    for (const text of [compose, pipeline])
      for (const name of ['README.md', 'docs/drone.markdown', 'setup.mdx'])
        expect(
          recognise(name, `## Drone\n\n\`\`\`yaml\n${text}\`\`\`\n\n[more](https://ci.example.com)\n`),
        ).toBeUndefined();
  });

  it('is read for its commands', () => {
    const text = `## Drone\n\n\`\`\`yaml\n${compose}\`\`\`\n\n\`\`\`sh\ndocker run -e DRONE_RPC_SECRET=x drone/drone:2\n\`\`\`\n`;
    expect(recognise('README.md', text)).toBe('docker-run');
  });
});

describe('a file of its own', () => {
  it('is what its text shows', () => {
    expect(recognise('docker-compose.yml', compose)).toBe('compose');
    expect(recognise('build.yml', pipeline)).toBe('drone');
  });

  it('is a pipeline whatever it holds besides', () => {
    const steps = '"kind": "pipeline", "steps": [{ "name": "test", "privileged": true }]';
    const container = '"HostConfig": {}, "Name": "/web", "Config": { "Image": "nginx" }';
    expect(recognise('build.yml', `{ ${steps}, ${container} }`)).toBe('drone');
    expect(recognise('daemon.json', `{ ${steps}, "hosts": ["unix:///run/docker.sock"] }`)).toBe('drone');
    expect(recognise('web.json', `[{ ${container} }]`)).toBe('docker-inspect');
  });
});

describe('a kustomization', () => {
  it('is read where it may patch what is of Drone', () => {
    expect(recognise('ci/kustomization.yaml', 'resources: [drone.yaml]\n')).toBe('kubernetes');
    expect(recognise('ci/kustomization.yaml', 'resources: [../base]\npatches:\n- path: patch.yaml\n')).toBe(
      'kubernetes',
    );
    expect(recognise('shop/kustomization.yaml', 'resources: [shop.yaml]\n')).toBeUndefined();
  });
});
