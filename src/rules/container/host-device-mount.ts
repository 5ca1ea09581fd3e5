import { isRunner } from '../../model/role.ts';
import { rule, say } from '../../model/rule.ts';

/** Whole disks and memory; device cgroup rules (`b 8:* rwm`, `a *:* rwm`) name disks by type. */
const wholeHost =
  /^\/dev\/(?:sd[a-z]|vd[a-z]|xvd[a-z]|hd[a-z]|nvme\d|mmcblk\d|md\d|dm-\d|mapper\/|disk\/|mem$|mem:|kmem|kmsg|port$|port:)|^[ab] /;

export default rule({
  id: 'host-device-mount',
  on: 'container',
  severity: 'medium',
  confidence: 'high',
  title: 'Host device is passed in',
  why: 'Raw access to a device bypasses file permissions: a disk exposes everything on it to reading and writing, and memory holds the secrets of every process. The server, runners and extensions need no device.',
  fix: `Remove the device (\`devices\`, \`device_cgroup_rules\`, \`--device\`, \`--gpus\`). Builds do not see the devices of the runner's container anyway: a step that needs one names it under \`devices\`, with a host volume for it, in a trusted repository on a dedicated runner.`,
  refs: ['https://docs.docker.com/reference/cli/docker/container/run/#device'],
  standards: { owasp: ['CICD-SEC-5'], cisDocker: { version: '1.6.0', ids: ['5.18'] } },
  needsRunning: true,
  since: '0.1.0',
  *judge({ devices, role, label }) {
    if (role !== 'server' && role !== 'extension' && !isRunner(role)) return;
    for (const { value, at } of devices)
      yield {
        at,
        subject: `device ${value}`,
        message: say`device "${value}" of the host is passed into ${label}`,
        severity: wholeHost.test(value) ? 'high' : undefined,
      };
  },
});
