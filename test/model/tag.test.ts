import { expect, it } from 'vitest';
import { gradeTag } from '../../src/model/tag.ts';

const graded = {
  floating: [
    undefined,
    '',
    'latest',
    'dind',
    'linux-amd64',
    'windows-amd64',
    'windows-1809',
    'windows-1809-amd64',
    'windows-20H2',
    'windows-ltsc2022',
    'windows2022',
    'windowsservercore-1809',
    'windowsservercore-10.0.14393.953',
    'nanoserver-ltsc2019',
    'docker-amd64-ltsc2022',
    'alpine3.19',
    'slim-debian12',
  ],
  partial: [
    '1',
    '3.6',
    'v2',
    '20-alpine',
    '1.57-slim',
    '20-alpine3.19',
    '1.11-windowsservercore-1803',
    '4.8-windowsservercore-ltsc2019',
    'python-3.9',
    // The image is Windows itself.
    '1809',
    'ltsc2022',
  ],
  full: [
    '1.4.2',
    'v1.12.3-focal',
    '23.0.6-dind-alpine3.18',
    '1.4.2-windows-1809-amd64',
    '2024-05-01',
    'main-4f1c2ab',
    'windows-1809-1.4.2',
  ],
} as const;

for (const [grade, tags] of Object.entries(graded))
  it.each(tags)(`grades %s as ${grade}`, (tag) => {
    expect(gradeTag(tag)).toBe(grade);
  });
