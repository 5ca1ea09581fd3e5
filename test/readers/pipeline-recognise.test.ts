import { describe, expect, it, test } from 'vitest';
import { looksLikeDrone } from '../../src/readers/pipeline/stream.ts';
import { expectProportional } from '../support/cost.ts';

describe('looksLikeDrone', () => {
  test.each([
    ['a pipeline', 'kind: pipeline\ntype: docker\nname: a\nsteps: []\n'],
    ['a quoted kind', '---\nkind: "pipeline" # mine\nsteps:\n- name: a\n'],
    ['a later document', 'a: b\n---\nname: x\nkind: pipeline\nsteps: []\n'],
    ['CRLF and a BOM', '\uFEFFkind: pipeline\r\ntrigger:\r\n  event: push\r\n'],
    ['JSON', '{"kind": "pipeline", "name": "a", "steps": []}'],
    ['an external secret', 'kind: secret\nname: a\nget:\n  path: b\n'],
    ['an encrypted secret', 'kind: secret\nname: a\ndata: abc=\n'],
    ['a signature', 'kind: signature\nhmac: abc\n'],
    ['a template', 'kind: template\nload: a.yaml\n'],
    ['the 0.8 format', 'workspace: {}\npipeline:\n  build:\n    image: golang\n'],
    [
      'the 0.8 format with remarks',
      'pipeline:\n\n  # first\n  build: # here\n    # image\n    commands:\n    - make\n',
    ],
  ])('%s', (_, text) => {
    expect(looksLikeDrone(text)).toBe(true);
  });

  test.each([
    ['nothing', ''],
    ['text', 'Drone is a CI server. kind: pipeline\n'],
    ['a Kubernetes secret', 'apiVersion: v1\nkind: Secret\ndata:\n  a: b\n'],
    ['a Tekton pipeline', 'apiVersion: tekton.dev/v1\nkind: Pipeline\nspec:\n  tasks: []\n'],
    ['a lower-case manifest', 'apiVersion: example.com/v1\nkind: pipeline\nsteps: []\n'],
    ['a compose file', 'services:\n  drone:\n    image: drone/drone:2\n'],
    ['a Harness pipeline', 'version: 1\nkind: pipeline\nspec:\n  stages: []\n'],
    ['a Harness NG pipeline', 'pipeline:\n  name: a\n  identifier: a\n  stages: []\n'],
    ['a Woodpecker pipeline', 'when:\n  event: push\nsteps:\n  - name: a\n    image: b\n'],
    ['a pipeline of something else', 'pipeline:\n  processors:\n    - mapping: root = this\n'],
    ['a kind alone', 'kind: pipeline\nname: a\n'],
    ['a secret of something else', 'kind: secret\nvalue: a\n'],
    ['an indented kind', 'a:\n  kind: pipeline\n  steps: []\n'],
    ['a GitLab file', 'stages: [build]\nbuild:\n  script: [make]\n  image: golang\n'],
    ['another JSON', '{"kind": "Pod", "steps": []}'],
  ])('not %s', (_, text) => {
    expect(looksLikeDrone(text)).toBe(false);
  });

  it.each<[string, (scale: number) => string]>([
    ['blanks', (scale) => `pipeline:\n${' '.repeat(1_000_000 * scale)}`],
    ['one word', (scale) => 'a'.repeat(1_000_000 * scale)],
    ['keys', (scale) => ' a:\n'.repeat(250_000 * scale)],
    ['braces', (scale) => '{'.repeat(1_000_000 * scale)],
  ])('in time in proportion: %s', (_, text) => {
    expectProportional((scale) => expect(looksLikeDrone(text(scale))).toBe(false));
  });
});
