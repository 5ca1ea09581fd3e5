/*
 * Well-known names: an image one letter away from them is a typo or a trap. Plugins are those of plugins.drone.io, official
 * images those of the docker-library organisation.
 */

/** Plugins of the drone organisation, without `plugins/`. */
const plugins = `acr ansible artifactory base buildah-acr buildah-docker buildah-ecr buildx buildx-acr buildx-ecr buildx-gar
  buildx-gcr cache cloudformation codecov coverage coveralls docker downstream ecr email feeds ftp gae gar gcr gcs
  gcs-cache gh-pages gitea-release github-actions github-release gitlab-ci gitlab-release git git-push gitter gke gotest
  gpgsign helm helm3 heroku hipchat hugo irc jira kaniko kaniko-acr kaniko-ecr kaniko-gar kaniko-gcr keybase kubectl
  kubernetes lambda manifest marathon matrix mattermost nexus netlify npm nuget packer pulumi pushover pypi rancher
  ravendb rubygems rsync s3 s3-cache s3-sync s3-upload scp slack slack-blame sns sonar sonatype ssh sftp-cache
  surge teams telegram terraform trello twilio volume-cache webhook xmpp download drone-docker drone-ssh`;

/** Official images of Docker Hub, which live below `library/`. */
const official = `adminer aerospike alma almalinux alpine alt amazoncorretto amazonlinux api-firewall arangodb archlinux
  bash bonita buildpack-deps busybox caddy cassandra centos chronograf cirros clearlinux clefos clickhouse clojure
  composer consul convertigo couchbase couchdb crate dart debian docker drupal eclipse-mosquitto eclipse-temurin eggdrop
  elasticsearch elixir emqx erlang express-gateway fedora flink fluentd friendica gazebo gcc geonetwork ghost golang
  gradle groovy haproxy haskell haxe hello-world hitch httpd hylang ibmjava influxdb irssi jetty jobber joomla jruby
  julia kapacitor kibana kong krakend lightstreamer liquibase logstash mageia mariadb matomo maven mediawiki memcached
  mongo mongo-express monica mono mysql nats nats-streaming neo4j neurodebian nextcloud nginx node notary odoo openjdk
  open-liberty oraclelinux orientdb percona perl photon php phpmyadmin plone postfixadmin postgres pypy python
  r-base rabbitmq rakudo-star redis redmine registry rethinkdb rocket.chat rockylinux ros ruby rust sapmachine satosa
  scratch silverpeas solr sonarqube spark spiped storm swift swipl telegraf tomcat tomee traefik ubuntu unit
  varnish vault websphere-liberty wordpress xwiki yourls znc zookeeper adoptopenjdk opensuse java iojs rails django`;

/** Third-party plugins and tools that many pipelines use. */
const others = `drone/git drone/cli drone/drone aquasec/trivy anchore/grype anchore/syft alpine/git alpine/helm
  bitnami/kubectl hashicorp/terraform hashicorp/vault hadolint/hadolint golangci/golangci-lint goreleaser/goreleaser
  koalaman/shellcheck sonarsource/sonar-scanner-cli meltwater/drone-cache robertstettner/drone-codecov
  appleboy/drone-discord appleboy/drone-telegram appleboy/drone-line appleboy/drone-lambda appleboy/drone-jenkins
  appleboy/drone-facebook appleboy/drone-packer drillster/drone-email drillster/drone-volume-cache thegeeklab/drone-matrix
  thegeeklab/drone-git-action thegeeklab/drone-docker thegeeklab/drone-ansible thegeeklab/drone-yaml`;

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Official images by their familiar names. */
export const officialImages: ReadonlySet<string> = new Set(words(official));

/** Images that pipelines use often, by familiar name on Docker Hub. */
export const commonImages: ReadonlySet<string> = new Set([
  ...words(plugins).map((name) => `plugins/${name}`),
  ...officialImages,
  ...words(others),
]);
