export { default as missingRpcHost } from './missing-rpc-host.ts';
export { default as missingRpcSecret } from './missing-rpc-secret.ts';
export { default as plainHttpRpc } from './plain-http-rpc.ts';
export { default as rpcDump } from './rpc-dump.ts';
export { default as rpcSecretMismatch } from './rpc-secret-mismatch.ts';
export { default as unverifiedRpcCertificate } from './unverified-rpc-certificate.ts';
export { default as weakRpcSecret } from './weak-rpc-secret.ts';
