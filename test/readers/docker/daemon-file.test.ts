import { describe, expect, it } from 'vitest';
import { readDaemonFile } from '../../../src/readers/docker/daemon-file.ts';
import { recognise } from '../../../src/readers/recognise.ts';
import { plain } from '../../support/text.ts';

const text = JSON.stringify({
  hosts: ['unix:///var/run/docker.sock', 'tcp://0.0.0.0:2376', ':2375'],
  tlsverify: true,
  'insecure-registries': ['registry.example.com:5000', '10.0.0.0/8', '::1/128'],
});

describe('the configuration of a Docker daemon', () => {
  it('is known by its name and its keys', () => {
    expect(recognise('etc/docker/daemon.json', text)).toBe('docker-daemon');
    expect(recognise('etc/docker/other.json', text)).toBeUndefined();
    expect(recognise('src/daemon.json', '{"name": "clock", "interval": 5}')).toBeUndefined();
    expect(recognise('daemon.json', '')).toBeUndefined();
  });

  it('is a unit that tells the daemon to listen, too', () => {
    const unit = '[Service]\nExecStart=/usr/bin/dockerd -H fd:// \\\n  -H=tcp://10.0.0.7:2375\n';
    expect(recognise('docker.service.d/override.conf', unit)).toBe('docker-daemon');
    expect(recognise('docker.service', unit.replace('tcp://10.0.0.7:2375', 'unix://'))).toBeUndefined();
    const { hosts } = readDaemonFile({ name: 'docker.service', form: 'docker-daemon', text: unit });
    expect(hosts?.flatMap(({ listeners }) => listeners.map(({ address }) => address.value))).toEqual([
      'tcp://10.0.0.7:2375',
    ]);
  });

  it('says where the daemon listens, and which registries it trusts', () => {
    const { hosts, problems } = readDaemonFile({ name: 'daemon.json', form: 'docker-daemon', text });
    expect(problems).toEqual([]);
    expect(plain(hosts)).toMatchObject([
      {
        label: 'the Docker daemon of "daemon.json"',
        listeners: [
          { address: { value: 'tcp://0.0.0.0:2376' }, verifiesClients: true, told: 'by a file' },
          { address: { value: ':2375' }, verifiesClients: true },
        ],
        insecureRegistries: [{ value: 'registry.example.com:5000' }],
        insecureNetworks: [{ value: '10.0.0.0/8' }, { value: '::1/128' }],
      },
    ]);
  });

  it.each(['[]', 'null', '{"hosts": [', '"hosts"'])('is a problem in %s', (broken) => {
    const { hosts = [], problems } = readDaemonFile({ name: 'daemon.json', form: 'docker-daemon', text: broken });
    expect(hosts).toEqual([]);
    expect(problems).toHaveLength(1);
  });
});
