/** What a process or container does for Drone. `unknown` has Drone's settings, but its role is not known. */
export type Role =
  | 'server'
  | 'runner-docker'
  | 'runner-kube'
  | 'runner-exec'
  | 'runner-ssh'
  | 'runner-digitalocean'
  | 'runner-macstadium'
  | 'runner-aws'
  | 'runner-nomad'
  | 'autoscaler'
  | 'agent'
  | 'extension'
  | 'docker'
  | 'proxy'
  | 'step'
  | 'other'
  | 'unknown';

export function isRunner(role: Role): boolean {
  return role.startsWith('runner-') || role === 'agent';
}
