/**
 * The engine check needs neither ssh:// (refused), nor BuildKit sessions. Without these the Docker library is a tenth of
 * its size and has no native part.
 */
export const withoutSsh = {
  name: 'without-ssh',
  setup(builder) {
    const filter = /^(?:ssh2|cpu-features|@grpc\/grpc-js|@grpc\/proto-loader|protobufjs)$/;
    builder.onResolve({ filter }, ({ path }) => ({ path, namespace: 'absent' }));
    builder.onLoad({ filter: /.*/, namespace: 'absent' }, () => ({ contents: 'module.exports = {};' }));
  },
};
