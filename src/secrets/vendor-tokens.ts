/**
 * Tokens that are known by their own form: of GitHub, GitLab, Slack, AWS, Google, Stripe, npm, Docker Hub, Vault,
 * DigitalOcean, and private keys. The whole text has to be one.
 */
export const vendorToken =
  /^(?:gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_\w{30,255}|gl(?:pat|ptt|dt|rt|oas)-[\w-]{16,255}|xox[abeoprs]-[\w-]{10,255}|A[KS]IA[A-Z0-9]{16}|AIza[\w-]{30,100}|[sr]k_live_\w{16,255}|npm_[A-Za-z0-9]{30,100}|dckr_pat_[\w-]{20,100}|hvs\.[\w-]{20,255}|dop_v1_[0-9a-f]{40,100}|-----BEGIN [A-Z ]{0,20}PRIVATE KEY.*)$/s;
