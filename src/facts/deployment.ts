/*
 * How steps deploy and publish: to machines and clusters, to registries, package indexes and release pages. Plugins by
 * their familiar image name, commands by what a shell would run. Sources are the plugins' own pages at plugins.drone.io,
 * the manuals of the tools, and public pipelines.
 */

/** What receives the result: machines or clusters, a registry, a package index, a list of releases, a file store. */
export type DeploymentKind = 'deploy' | 'image' | 'package' | 'release' | 'files';

/** Plugins by image name, preceded by the registry if it is not Docker Hub. */
export const deploymentPlugins: ReadonlyMap<string, DeploymentKind> = new Map<string, DeploymentKind>([
  ['plugins/ansible', 'deploy'],
  ['plugins/helm', 'deploy'],
  ['plugins/drone-ssh', 'deploy'],
  ['plugins/heroku', 'image'],
  ['plugins/netlify', 'deploy'],
  ['plugins/gh-pages', 'deploy'],
  ['plugins/s3-sync', 'deploy'],
  ['plugins/s3', 'files'],
  ['plugins/gcs', 'files'],
  ['plugins/artifactory', 'package'],
  ['plugins/docker', 'image'],
  ['plugins/ecr', 'image'],
  ['plugins/gcr', 'image'],
  ['plugins/gar', 'image'],
  ['plugins/acr', 'image'],
  ['plugins/kaniko', 'image'],
  ['plugins/kaniko-ecr', 'image'],
  ['plugins/kaniko-gcr', 'image'],
  ['plugins/kaniko-gar', 'image'],
  ['plugins/kaniko-acr', 'image'],
  ['plugins/buildx', 'image'],
  ['plugins/buildx-ecr', 'image'],
  ['plugins/buildx-gcr', 'image'],
  ['plugins/buildx-gar', 'image'],
  ['plugins/buildx-acr', 'image'],
  ['plugins/buildah-docker', 'image'],
  ['plugins/buildah-ecr', 'image'],
  ['plugins/manifest', 'image'],
  ['thegeeklab/drone-docker-buildx', 'image'],
  ['owncloudci/drone-docker-buildx', 'image'],
  ['quay.io/ukhomeofficedigital/drone-docker', 'image'],
  ['banzaicloud/drone-kaniko', 'image'],
  ['plugins/npm', 'package'],
  ['plugins/pypi', 'package'],
  ['plugins/nuget', 'package'],
  ['plugins/bintray', 'package'],
  ['plugins/github-release', 'release'],
  ['plugins/gitea-release', 'release'],
  ['thegeeklab/drone-github-release', 'release'],
  ['appleboy/drone-ssh', 'deploy'],
  ['appleboy/drone-scp', 'deploy'],
  ['appleboy/drone-git-push', 'deploy'],
  ['drillster/drone-rsync', 'deploy'],
  ['pelotech/drone-helm', 'deploy'],
  ['pelotech/drone-helm3', 'deploy'],
  ['sinlead/drone-kubectl', 'deploy'],
  ['quay.io/honestbee/drone-kubernetes', 'deploy'],
  ['jmccann/drone-terraform', 'deploy'],
  ['lucap/drone-netlify', 'deploy'],
  ['thegeeklab/drone-s3-sync', 'deploy'],
]);

/** A pattern of one simple command. */
export interface CommandPattern {
  /** What people call it; commands themselves are not quoted, because they may contain secrets. */
  readonly as: string;
  readonly words: RegExp;
  readonly does: DeploymentKind;
  /** Options with which it only rehearses. */
  readonly unless?: RegExp;
}

export const deploymentCommands: readonly CommandPattern[] = [
  {
    as: 'kubectl apply',
    words: /^kubectl\s(?:.*\s)?(?:apply|replace|set\s+image|rollout\s+restart)(?:\s|$)/,
    does: 'deploy',
  },
  { as: 'helm upgrade', words: /^helm\s(?:.*\s)?(?:upgrade|install)\s/, does: 'deploy' },
  { as: 'helmfile', words: /^helmfile\s(?:.*\s)?(?:apply|sync)(?:\s|$)/, does: 'deploy' },
  {
    as: 'terraform apply',
    words: /^(?:terraform|tofu|terragrunt)\s(?:.*\s)?(?:apply|destroy)(?:\s|$)/,
    does: 'deploy',
  },
  { as: 'pulumi up', words: /^pulumi\s(?:.*\s)?(?:up|update|destroy)(?:\s|$)/, does: 'deploy' },
  {
    as: 'ansible-playbook',
    words: /^ansible-playbook\s/,
    does: 'deploy',
    unless: /\s(?:--check|-C|--syntax-check|--list-\w+)(?:\s|$)/,
  },
  {
    as: 'aws ecs',
    words: /^aws\s(?:.*\s)?ecs\s+(?:update-service|create-service|deploy|run-task)(?:\s|$)/,
    does: 'deploy',
  },
  { as: 'aws s3 sync', words: /^aws\s(?:.*\s)?s3\s+sync\s.*\ss3:/, does: 'deploy', unless: /\s--dryrun(?:\s|$)/ },
  {
    as: 'aws cloudformation',
    words: /^aws\s(?:.*\s)?cloudformation\s+(?:deploy|create-stack|update-stack)(?:\s|$)/,
    does: 'deploy',
  },
  { as: 'aws lambda', words: /^aws\s(?:.*\s)?lambda\s+update-function-code(?:\s|$)/, does: 'deploy' },
  { as: 'gcloud deploy', words: /^gcloud\s(?:.*\s)?(?:app|run|functions)\s+deploy(?:\s|$)/, does: 'deploy' },
  { as: 'serverless deploy', words: /^(?:serverless|sls)\s(?:.*\s)?deploy(?:\s|$)/, does: 'deploy' },
  {
    as: 'deploy to a platform',
    words: /^(?:fly|flyctl|firebase|netlify|wrangler|eb|cdk)\s(?:.*\s)?deploy(?:\s|$)/,
    does: 'deploy',
  },
  { as: 'docker stack deploy', words: /^docker\s+stack\s+deploy\s/, does: 'deploy' },
  { as: 'rsync', words: /^rsync\s.*\s[\w.$@{}-]+:\S/, does: 'deploy', unless: /\s(?:-n|--dry-run)(?:\s|$)/ },
  { as: 'scp', words: /^scp\s.*\s[\w.$@{}-]+:/, does: 'deploy' },
  { as: 'docker push', words: /^docker\s+(?:image\s+|manifest\s+)?push(?:\s|$)/, does: 'image' },
  { as: 'docker-compose push', words: /^docker(?:-|\s+)compose\s(?:.*\s)?push(?:\s|$)/, does: 'image' },
  {
    as: 'docker buildx --push',
    words: /^docker\s+(?:buildx|build)\s(?:.*\s)?--push(?:=true)?(?:\s|$)/,
    does: 'image',
  },
  {
    // https://docs.docker.com/reference/cli/docker/buildx/build/#output
    as: 'docker build --output',
    words:
      /^(?:docker\s+(?:buildx|build)|buildctl)\s(?:.*\s)?(?:-o|--output)[=\s]\s*["']?(?:\S*,)?(?:type=registry|push=true)(?:[\s,"']|$)/,
    does: 'image',
  },
  {
    // https://github.com/GoogleContainerTools/kaniko#--destination
    as: 'kaniko',
    words: /^(?:\/kaniko\/)?executor\s(?:.*\s)?(?:--destination|-d)[=\s]/,
    does: 'image',
    unless: /\s--no-push(?:=true)?(?:\s|$)/,
  },
  { as: 'podman push', words: /^(?:podman|buildah|crane|img)\s+(?:image\s+|manifest\s+)?push\s/, does: 'image' },
  { as: 'skopeo copy', words: /^skopeo\s+(?:copy|sync)\s.*\sdocker:\/\//, does: 'image' },
  {
    // Jib, Quarkus, Spring Boot and the Docker plugins push what they build.
    as: 'image push by Maven or Gradle',
    words:
      /^(?:mvn|\.\/mvnw|gradle|\.\/gradlew)\s(?:.*\s)?(?:(?:\S{1,100}:)?jib(?::build)?|-Dquarkus\.container-image\.push=true|--publishImage|(?:\S{1,100}:)?(?:docker:push|dockerfile:push|dockerPush\w*))(?:\s|$)/,
    does: 'image',
  },
  { as: 'npm publish', words: /^(?:npm|yarn|pnpm|lerna)\s(?:.*\s)?publish(?:\s|$)/, does: 'package' },
  { as: 'poetry publish', words: /^poetry\s(?:.*\s)?publish(?:\s|$)/, does: 'package' },
  { as: 'cargo publish', words: /^cargo\s(?:.*\s)?publish(?:\s|$)/, does: 'package' },
  { as: 'twine upload', words: /^(?:python3?\s+-m\s+)?twine\s+upload(?:\s|$)/, does: 'package' },
  { as: 'gem push', words: /^gem\s+push\s/, does: 'package' },
  { as: 'nuget push', words: /^(?:dotnet\s+)?nuget\s+push\s/, does: 'package' },
  { as: 'mvn deploy', words: /^(?:mvn|\.\/mvnw)\s(?:.*\s)?deploy(?:\s|$)/, does: 'package' },
  { as: 'gradle publish', words: /^(?:gradle|\.\/gradlew)\s(?:.*\s)?publish(?:\s|$)/, does: 'package' },
  { as: 'helm push', words: /^helm\s+push\s/, does: 'package' },
  {
    as: 'goreleaser',
    words: /^goreleaser(?:\s|$)/,
    does: 'release',
    unless: /\s(?:--snapshot|--skip-publish|--skip[= ]\S*publish\S*|build|check|--version|-v)(?:\s|$)/,
  },
  { as: 'gh release', words: /^gh\s+release\s+(?:create|upload|edit)(?:\s|$)/, does: 'release' },
  { as: 'semantic-release', words: /^(?:npx\s+)?semantic-release(?:\s|$)/, does: 'release' },
];

/** Names of steps that deploy, unless they are `namesOfOthers` too. */
export const deploymentNames =
  /(?:^|[-_ ./:])(?:deploy|deployment|release|publish|promote|prod|production)(?:$|[-_ ./:])/i;

/** `deploy-to-test` deploys. */
export const namesOfOthers =
  /(?<!deploy[-_ ]to)(?:^|[-_ ./:])(?:test|tests|testing|lint|check|checks|verify|validate|scan|dry|plan|notify|notification|slack|wait|build|notes|changelog|preview|review|download|cache|restore)(?:$|[-_ ./:])/i;

/** Options with which any command only rehearses. */
export const rehearsal = /\s--dry-run(?!=(?:none|false))(?:[=\s]|$)/;

/** Names of production environments. */
export const productionNames = /(?:^|[-_ ./:])(?:prod|production|prd|live)(?:$|[-_ ./:])/i;

/** Names of pipelines and steps that gate what comes after them. */
export const gateNames =
  /(?:^|[-_ ./:])(?:test|tests|testing|lint|linter|check|checks|verify|validate|validation|scan|scans|scanner|audit|approve|approval|security|analysis|sonar|sonarqube|unit|e2e|acceptance|integration|vet|quality|trivy|snyk|gate)(?:$|[-_ ./:])/i;

/** Names of steps and plugins that notify people of how a build went. */
export const notificationNames =
  /(?:^|[-_ ./:])(?:notify|notifier|notification|notifications|slack|discord|telegram|matrix|gitter|mattermost|teams|dingtalk|wechat|email|mail|irc|webhook|line)(?:$|[-_ ./:])/i;
