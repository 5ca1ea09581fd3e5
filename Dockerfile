# The tool on a base that has Node and nothing else: no shell, no package manager. Nothing is run while it is built, so that it
# can be built for any architecture: npm run build -- --all-nodes && docker build --tag drone-audit .
#
# Renew the digest with each release; the signature of a base is checked by
# cosign verify BASE --certificate-oidc-issuer https://accounts.google.com --certificate-identity keyless@distroless.iam.gserviceaccount.com
ARG BASE=gcr.io/distroless/nodejs24-debian13:nonroot@sha256:af85d11ce7ef10172855a6e3649e3e8125b1b9e3ca41849ec2918036f05cb212
FROM ${BASE}

LABEL org.opencontainers.image.title="drone-audit" \
      org.opencontainers.image.description="Audits the security of Drone CI installations" \
      org.opencontainers.image.licenses="Apache-2.0"

COPY LICENSE package.json /drone-audit/
COPY bin /drone-audit/bin
COPY dist /drone-audit/dist
COPY schemas /drone-audit/schemas
COPY docs/rules /drone-audit/docs/rules

# Where distroless keeps Node, and other bases do.
ENV PATH=/nodejs/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
# By number, so that Kubernetes can tell that it is not root.
USER 65532:65532
WORKDIR /src
# No arguments: a Drone step gives none, and its settings are the options.
ENTRYPOINT ["node", "/drone-audit/bin/drone-audit.js"]
