import { deploymentsOf } from '../../drone/deployment.ts';
import { attestationTools } from '../../facts/attestation.ts';
import { memoizePer } from '../../model/memoize.ts';
import type { PipelineStream } from '../../model/pipeline.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'unattested-release',
  on: 'pipeline',
  severity: 'info',
  confidence: 'low',
  pedantic: true,
  title: 'Published image is neither scanned nor signed',
  why: 'Users of the image cannot tell whether it comes from this build, nor what is in it. Anyone who gains access to the registry can replace it unnoticed.',
  fix: 'Scan the image, or sign it by its digest. The step that pushes it writes the digest to the workspace, for example `buildah push --digestfile image-digest ...`; then:\n\n```yaml step\nimage: registry.example.com/cosign:2.4.1@sha256:...   # with a shell, which the official image lacks\nenvironment:\n  COSIGN_PRIVATE_KEY: { from_secret: cosign_key }\n  COSIGN_PASSWORD: { from_secret: cosign_password }\ncommands:\n  - cosign sign --yes --key env://COSIGN_PRIVATE_KEY "registry.example.com/app@$(cat image-digest)"\nwhen:\n  event: [push, tag]\n```\n\n`trivy image --format cyclonedx` lists the contents, and `trivy image --exit-code 1`, before the push, stops a release with known vulnerabilities.',
  refs: ['https://docs.sigstore.dev/cosign/signing/signing_with_containers/', 'https://slsa.dev/spec/v1.0/levels'],
  standards: { owasp: ['CICD-SEC-9'] },
  since: '0.1.0',
  *judge(pipeline) {
    const found = firstOf(pipeline.stream);
    if (found?.pipeline !== pipeline) return;
    yield {
      at: found.publication.at,
      subject: 'publication',
      message: say`${found.publication.what} publishes an image, and nothing in this file scans it, signs it or lists its contents`,
      reach: pipeline.reach,
    };
  },
});

/** The first publication of an image in a file that attests none. */
const firstOf = memoizePer((stream: PipelineStream) => {
  if (isAttested(stream)) return undefined;
  for (const pipeline of stream.pipelines)
    for (const step of pipeline.steps) {
      const publication = deploymentsOf(step).find(({ does }) => does === 'image');
      if (publication) return { pipeline, publication };
    }
  return undefined;
});

function isAttested({ pipelines }: PipelineStream): boolean {
  return pipelines.some(({ steps }) =>
    steps.some(
      ({ image, commands }) =>
        attestationTools.test(image?.value.name ?? '') || commands.some(({ value }) => attestationTools.test(value)),
    ),
  );
}
