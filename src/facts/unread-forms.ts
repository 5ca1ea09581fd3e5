/*
 * Forms in which Drone is deployed and for which there is no reader, told by the name of the file or by what is written
 * in it. Forms told by their path come first, then prose and source code are left out. Sources are the documentation of each tool: the names of its files, its top-level keys.
 */

/** A form of deployment that is only recognised. Where both patterns are given, both must match. */
export interface UnreadForm {
  /** For messages: `an Ansible playbook`. */
  readonly as: string;
  /** Whether all that it does are the commands in it. */
  readonly isScript?: true;
  /** The path of the file, with forward slashes. */
  readonly path?: RegExp;
  readonly text?: RegExp;
}

const yaml = /\.(?:ya?ml|json)(?:[-.@~].*)?$/i;

/** How texts begin that are encrypted as a whole. */
export const sealed =
  /^(?:\$ANSIBLE_VAULT;|age-encryption\.org\/v1\s|-----BEGIN (?:PGP MESSAGE|AGE ENCRYPTED FILE)-----)/;

/** The values of a file that SOPS has encrypted. */
export const encryptedBySops = /ENC\[AES256_GCM,/;

export const unreadForms: readonly UnreadForm[] = [
  { as: 'an encrypted file', text: sealed },
  { as: 'a file encrypted by SOPS', path: /\.(?:json|ini|ya?ml|toml)$/i, text: encryptedBySops },
  { as: 'a variable in a file of its own', path: /(?:^|\/)DRONE_[A-Z0-9_]+$/ },
  {
    as: 'a cloud-init configuration',
    path: /user-?data|cloud-?init/i,
    text: /^Content-Type: (?:multipart|text\/cloud)/im,
  },
  { as: 'an Ignition configuration', path: /\.ign$/i },
  { as: 'a cloud-init configuration', text: /^#cloud-config\b/ },
  { as: 'a Helm release of Flux', text: /^apiVersion:\s*["']?helm\.fluxcd\.io\//m },
  { as: 'an Argo CD application', text: /^apiVersion:\s*["']?argoproj\.io\//m },
  { as: 'a Flux resource', text: /^apiVersion:\s*["']?(?:helm|kustomize|source)\.toolkit\.fluxcd\.io\//m },
  { as: 'a HelmChart of k3s', text: /^apiVersion:\s*["']?helm\.cattle\.io\//m },
  { as: 'a Fleet bundle', path: /(?:^|\/)fleet\.ya?ml$/i },
  {
    as: 'a kustomization',
    path: /(?:^|\/)kustomization(?:\.ya?ml)?$/i,
  },
  { as: 'a kustomization', text: /^apiVersion:\s*["']?kustomize\.config\.k8s\.io\//m },
  {
    as: 'a JSON patch',
    path: yaml,
    text: /^[ \t]{0,40}(?:[[-][ \t]{0,8})?\{?[ \t]{0,8}["']?op["']?:[ \t]{0,8}["']?(?:add|replace|remove|test|copy|move)\b/m,
  },
  { as: 'a helmfile', path: /(?:^|\/)helmfile(?:\.d\/[^/]*)?\.ya?ml(?:\.gotmpl)?$/i },
  { as: 'a Skaffold configuration', text: /^apiVersion:\s*["']?skaffold\//m },
  { as: 'an app of CapRover', text: /^captainVersion:/m },
  { as: 'a Tanka or ksonnet file', path: /\.libsonnet$/i },
  { as: 'Ansible variables', path: /(?:^|\/)(?:group_vars|host_vars)\// },
  {
    as: 'an Ansible role',
    path: /(?:^|\/)(?:roles\/[^/]+|playbooks?)\/.*\.(?:ya?ml|j2)$|(?:^|\/)(?:tasks|handlers|defaults|vars)\/[^/]+\.ya?ml$/i,
  },
  {
    as: 'an Ansible playbook',
    path: yaml,
    text: /^[ \t]{0,40}(?:- (?:hosts|import_playbook):|(?:- )?(?:ansible\.builtin|community\.(?:docker|general))\.\w{1,40}:|(?:- )?docker_(?:container|compose(?:_v2)?|swarm_service|stack):)/m,
  },
  { as: 'an Ansible inventory', path: /(?:^|\/)(?:inventory(?:\/[^/.]+)?|hosts)(?:\.(?:ini|ya?ml))?$/i },
  { as: 'a Salt state', path: /\.sls$/i },
  { as: 'a Puppet manifest', path: /\.(?:pp|epp)$/i },
  { as: 'a Chef recipe', path: /(?:^|\/)(?:recipes|attributes|cookbooks)\/.*\.rb$/i },
  { as: 'a Terraform file', path: /\.(?:tf|tfvars|tftpl|tofu)(?:\.json)?$/i },
  { as: 'a Nomad job', path: /\.nomad(?:\.hcl)?$/i },
  { as: 'a Nomad job', path: /\.(?:hcl|json)$/i, text: /^[ \t]{0,40}job[ \t]{1,20}"|"TaskGroups"[ \t]{0,20}:/m },
  { as: 'a file of HashiCorp configuration', path: /\.hcl$/i },
  { as: 'a Nix expression', path: /\.nix$/i },
  { as: 'a Dockerfile', path: /(?:^|\/)(?:[^/]*\.)?(?:Dockerfile|Containerfile)(?:[-.][^/]*)?$/i },
  { as: 'a Vagrantfile', path: /(?:^|\/)Vagrantfile$/ },
  { as: 'a Packer template', path: /\.pkr\.(?:hcl|json)$/i },
  { as: 'a Packer template', path: /\.json$/i, text: /"(?:provisioners|builders)"[ \t]{0,20}:/ },
  { as: 'a definition of CapRover', path: /(?:^|\/)captain-definition$/ },
  { as: 'a configuration of Garden or DevSpace', path: /(?:^|\/)(?:[\w-]+\.)?(?:garden|devspace)\.ya?ml$/ },
  { as: 'a configuration of Monit', path: /(?:^|\/)\.?monitrc$/ },
  { as: 'a Makefile', path: /(?:^|\/)(?:GNU)?[Mm]akefile(?:\.[^/]*)?$|\.mk$/ },
  {
    as: 'a task file',
    path: /(?:^|\/)(?:\.?[Jj]ustfile|[Tt]askfile(?:\.[^/]*)?\.ya?ml|Rakefile|Earthfile|Tiltfile|Procfile)$/,
  },
  {
    as: 'a container unit of Podman',
    path: /\.(?:container|pod|kube|volume|network)$/i,
    text: /^[ \t]{0,40}\[(?:Container|Pod|Kube|Unit|Service)\]/m,
  },
  { as: 'a service of OpenRC', text: /^#!.*\bopenrc-run\b/ },
  { as: 'a configuration of supervisord', text: /^[ \t]{0,40}\[program:/m },
  { as: 'an Upstart job', path: /\.conf$/i, text: /^[ \t]{0,40}(?:start on|respawn)\b/m },
  { as: 'a property list of launchd', path: /\.plist$/i },
  {
    as: 'an init script',
    path: /(?:^|\/)(?:init\.d|conf\.d|rc\.d|sv|runit|s6[\w-]*|default|sysconfig)\/[^/.]+(?:\/[^/.]+)?(?:\.conf)?$/i,
  },
  { as: 'a task definition of Amazon ECS', text: /"?containerDefinitions"?\s*:/ },
  { as: 'a CloudFormation template', text: /AWSTemplateFormatVersion|["']?Type["']?\s*:\s*["']?AWS::/ },
  {
    as: 'an Azure template',
    path: /\.(?:bicep|json)$/i,
    text: /deploymentTemplate\.json|Microsoft\.(?:ContainerInstance|App|Web)\//,
  },
  { as: 'a Bicep file', path: /\.bicep$/i },
  {
    as: 'a template of Portainer',
    path: /\.json$/i,
    text: /"(?:platform|stackfile)"[ \t]{0,20}:/,
  },
  { as: 'a template of Unraid', path: /\.xml$/i, text: /<Container\b[\s\S]{0,20000}<Repository>/ },
  {
    as: 'a template',
    path: /\.(?:j2|jinja2?|erb|tpl|tmpl|gotmpl|tftpl|ctmpl|mustache|hbs|liquid|in|dist|template)(?:\.[a-z]+)?$/i,
  },
  { as: 'a template of a Helm chart', path: /(?:^|\/)templates\/[^/]+\.(?:ya?ml|tpl|txt)$/i },
  { as: 'a workflow of GitHub', path: /(?:^|\/)\.(?:github|gitea|forgejo)\/(?:workflows|actions)\/.*\.ya?ml$/i },
  {
    as: 'a pipeline of another CI system',
    path: /(?:^|\/)(?:\.gitlab-ci[^/]*\.ya?ml|Jenkinsfile[^/]*|\.travis\.ya?ml|azure-pipelines[^/]*\.ya?ml|bitbucket-pipelines\.ya?ml|\.circleci\/.*|\.woodpecker(?:\/.*|\.ya?ml))$/,
  },
  { as: 'a PowerShell script', isScript: true, path: /\.psm?1$/i },
  { as: 'a Windows batch file', isScript: true, path: /\.(?:bat|cmd)$/i },
  { as: 'a shell script', isScript: true, path: /\.(?:sh|bash|zsh|fish|ksh|command|run)(?:[-.@~].*)?$/i },
  { as: 'a script', isScript: true, path: /\.(?:nu|exp|tcl|elv|xsh)$/i },
  { as: 'a script', isScript: true, text: /^#![^\n]{0,200}\b(?:sh|bash|zsh|fish|ksh|dash|pwsh)\b/ },
  { as: 'a Secret of Kubernetes', path: yaml, text: /^kind:[ \t]{0,20}["']?Secret\b/m },
  { as: 'an env file', path: /(?:^|[/.])env$/i },
  { as: 'a crontab', path: /(?:^|\/)(?:crontab|cron\.d\/[^/]+)$/ },
];

/** Prose, and the source code of programs: what they say of Drone is seldom a deployment. */
export const proseOrCode =
  /\.(?:md|mdx|markdown|rst|adoc|asciidoc|txt|text|org|tex|html?|css|scss|less|svg|js|mjs|cjs|jsx|ts|mts|cts|tsx|vue|svelte|go|py|pyi|ipynb|rb|rs|java|kt|kts|scala|groovy|clj|c|h|cc|cpp|cxx|hpp|cs|fs|vb|php|pl|pm|lua|r|jl|swift|m|mm|dart|ex|exs|erl|hs|ml|elm|zig|nim|sql|graphql|proto|patch|diff|log|csv|tsv|lock|sum|mod|po|pot|map|snap|golden)$|(?:^|\/)(?:README|CHANGELOG|CHANGES|LICENSE|NOTICE|AUTHORS|CODEOWNERS|\.gitignore|\.dockerignore|go\.(?:mod|sum)|package(?:-lock)?\.json|renovate\.json5?|\.renovaterc)[^/]*$/i;
