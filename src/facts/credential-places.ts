/*
 * Where a build finds credentials beside its secrets: the files of programs that log in somewhere, and the metadata
 * services of clouds.
 *
 * docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-categories.html (169.254.169.254, [fd00:ec2::254]),
 * docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html (169.254.170.2),
 * cloud.google.com/compute/docs/metadata/predefined-metadata-keys,
 * learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token,
 * alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata (100.100.100.200).
 */

/** Files that hold credentials, by the end of their path. */
const credentialFile =
  /(?:^|\/)(?:\.netrc|_netrc|\.docker\/config\.json|\.dockercfg|\.aws\/credentials|\.kube\/config|\.ssh\/id_[a-z0-9_-]{1,40}|\.git-credentials|\.npmrc|\.pypirc|gcloud\/(?:application_default_credentials\.json|credentials\.db|access_tokens\.db|legacy_credentials\/.{1,200}))$|^\/(?:var\/)?run\/secrets\/.{1,200}$/;

/** Whether a path is that of a file with credentials. */
export function isCredentialFile(path: string): boolean {
  return path.length < 500 && credentialFile.test(path);
}

/** The environment of a process, as a file. */
export const environmentFile = /^\/proc\/[^/]{1,40}\/environ$/;

/** Hosts of metadata services, as URLs write them. */
export const metadataHosts: ReadonlySet<string> = new Set([
  '169.254.169.254',
  '[fd00:ec2::254]',
  '169.254.170.2',
  'metadata.google.internal',
  'metadata',
  '100.100.100.200',
]);

/** Paths that answer with credentials, or with the token that opens them (IMDSv2). */
export const metadataCredentials =
  /\/(?:iam\/security-credentials|service-accounts\/[^/]{1,200}\/(?:token|identity)|identity\/oauth2\/token|ram\/security-credentials|identity-credentials\/ec2\/security-credentials|v2\/credentials)(?:[/?]|$)/;

/** The request that gets the token for others: it opens credentials and everything else alike. */
export const metadataToken = /\/latest\/api\/token$/;
