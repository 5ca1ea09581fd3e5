/** Tools that scan images, sign them, or state what is in them and where they come from; for image names and commands. */
export const attestationTools =
  /\b(?:trivy|grype|snyk|clair|klar|anchore|syft|cosign|notation|notary|docker\s+scout|docker\s+trust|DOCKER_CONTENT_TRUST|slsa|in-toto|cyclonedx|spdx|sbom|provenance|dockle|sysdig|prisma|twistcli|wiz(?:cli)?)\b/i;
