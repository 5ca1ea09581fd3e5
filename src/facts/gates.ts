/*
 * Programs and plugins that stop a build when they find something. Sources are their own pages.
 */

/** What a gate looks for. `security`: vulnerabilities, secrets, signatures; `test`: everything else. */
export type GateKind = 'security' | 'test';

/** Images by their name without tag. */
export const gateImages: readonly { readonly name: RegExp; readonly kind: GateKind }[] = [
  {
    name: /(?:^|\/)(?:trivy(?:\/client)?|drone-trivy|grype|drone-grype|snyk|drone-snyk|semgrep|gosec|bandit|sonar-?scanner(?:-cli)?|drone-sonar(?:qube)?(?:-\w+)?|sonarqube(?:-\w+)?|gitleaks|drone-gitleaks|trufflehog|cosign|checkov|tfsec|kics|hadolint|dependency-check|zap2docker-\w+|anchore-\w+|clair-\w+)$/,
    kind: 'security',
  },
  {
    name: /(?:^|\/)(?:golangci-lint|eslint|markdownlint(?:-cli)?|shellcheck|yamllint|codecov-?\w*|drone-lint|pylint|flake8)$/,
    kind: 'test',
  },
];

/** Commands by the words of one simple command. */
export const gateCommands: readonly { readonly words: RegExp; readonly kind: GateKind }[] = [
  {
    words:
      /^(?:trivy|grype|gosec|bandit|sonar-scanner|gitleaks|trufflehog|checkov|tfsec|govulncheck|brakeman|bundler-audit|safety|pip-audit|kubesec|kube-score|osv-scanner|dockle)\s(?!.*(?:--version|--help|--download-db-only|\bplugin\b|\bserver\b))/,
    kind: 'security',
  },
  { words: /^(?:snyk|semgrep)\s+(?:test|scan|ci|code|container|iac|--config)/, kind: 'security' },
  { words: /^(?:npm|yarn|pnpm|cargo|composer)\s+(?:npm\s+)?audit(?:\s|$)/, kind: 'security' },
  // Fails for licences and vulnerabilities that the policy of the project refuses; `fossa analyze` only uploads.
  { words: /^fossa\s+test(?:\s|$)/, kind: 'security' },
  { words: /^cosign\s+verify/, kind: 'security' },
  { words: /^(?:mvn|\.\/mvnw)\s.*(?:sonar:sonar|dependency-check:)/, kind: 'security' },
  { words: /^(?:npm|yarn|pnpm)\s+(?:run\s+)?(?:test|lint|t)(?::\S+)?(?:\s|$)/, kind: 'test' },
  { words: /^(?:go|cargo|dotnet|mix|swift|flutter|deno|bazel|helm)\s+(?:test|vet|clippy|lint)(?:\s|$)/, kind: 'test' },
  { words: /^(?:make|task|just|rake|tox|nox)\s+(?:\S+\s+)?(?:test|tests|lint|check|vet)(?:\s|$)/, kind: 'test' },
  { words: /^(?:mvn|\.\/mvnw|gradle|\.\/gradlew)\s(?:.*\s)?(?:test|verify|check|lint)(?:\s|$)/, kind: 'test' },
  {
    words:
      /^(?:pytest|py\.test|jest|mocha|vitest|phpunit|\S*\/phpunit|rspec|eslint|pylint|flake8|mypy|ruff|golangci-lint|golint|staticcheck|shellcheck|hadolint|yamllint|rubocop|phpstan|stylelint|tslint|ansible-lint)(?:\s|$)/,
    kind: 'test',
  },
  { words: /^python[\d.]*\s+-m\s+(?:pytest|unittest|pylint|flake8|mypy)(?:\s|$)/, kind: 'test' },
];

/** Options that keep a command of `gateCommands` from failing, whatever it finds. */
export const toothlessOptions: readonly {
  readonly program: RegExp;
  readonly option: RegExp;
  readonly value?: RegExp;
}[] = [
  { program: /^trivy$/, option: /^--exit-code$/, value: /^0$/ },
  { program: /^trivy$/, option: /^--exit-code=0$/ },
  { program: /^gitleaks$/, option: /^--exit-code$/, value: /^0$/ },
  { program: /^gitleaks$/, option: /^--exit-code=0$/ },
  { program: /^(?:gosec|bandit|checkov)$/, option: /^(?:-no-fail|--exit-zero|--soft-fail|-s)$/ },
];

/** Words, or groups of words: every command that ends a build early or takes such an option has one of them. */
export const weakeningWords: readonly (readonly string[])[] = [
  ['exit', '78'],
  ['exit', 'code'],
  ['no', 'fail'],
  ['exit', 'zero'],
  ['soft', 'fail'],
  ['checkov', 's'],
  ['gosec', 'no'],
];

/** Names of steps that check, as whole words of the name. */
export const gateStepNames: readonly { readonly name: RegExp; readonly kind: GateKind }[] = [
  {
    name: /(?:^|[-_ ./:])(?:trivy|grype|snyk|semgrep|gosec|bandit|sonar|sonarqube|gitleaks|sast|dast|cosign|security|vulnerabilit(?:y|ies)|audit)(?:$|[-_ ./:])/i,
    kind: 'security',
  },
  { name: /(?:^|[-_ ./:])(?:test|tests|testing|unit-?tests?|lint|linter|linting)(?:$|[-_ ./:])/i, kind: 'test' },
];

/** Names of steps that only prepare a check or handle its results: they may fail. */
export const gateAfterNames =
  /(?:^|[-_ ./:])(?:upload|report|reports|notify|notification|publish|deploy|cache|restore|slack|mail|email|comment|coverage|badge|results?|logs?|artifacts?|cleanup|clean|prepare|setup|server|db|database|data|env|environment|install|download|start|stop|wait|image)(?:$|[-_ ./:])/i;
