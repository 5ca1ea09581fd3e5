/** Hosts that builds fetch code, packages and images from: whoever answers for them decides what is built. */
export const wellKnownHosts =
  /^(?:.*\.)?(?:github\.com|githubusercontent\.com|ghcr\.io|gitlab\.com|bitbucket\.org|gitee\.com|codeberg\.org|docker\.io|docker\.com|gcr\.io|pkg\.dev|quay\.io|azurecr\.io|amazonaws\.com|registry\.k8s\.io|npmjs\.org|npmjs\.com|yarnpkg\.com|pypi\.org|pythonhosted\.org|rubygems\.org|crates\.io|golang\.org|goproxy\.io|goproxy\.cn|maven\.org|gradle\.org|nuget\.org|packagist\.org|alpinelinux\.org|debian\.org|ubuntu\.com|googleapis\.com)$/i;

/** Endings of names that only a private network knows; names without a dot are private too. */
export const internalNames =
  /^[^.]+$|\.(?:local|localhost|localdomain|internal|intranet|intra|lan|home|corp|private|test|svc|consul)$|\.home\.arpa$|\.cluster\.local$/i;
