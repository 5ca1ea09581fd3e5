/**
 * Images whose programs read the settings of a step that has commands, as their documentation shows: the commands call a
 * program of the image that logs in by `PLUGIN_…` first (github.com/sinlead/drone-kubectl README.md,
 * github.com/ZeitOnline/drone-kubectl-gke README.md).
 */
export const commandWrappers: ReadonlySet<string> = new Set(['sinlead/drone-kubectl', 'zeitonline/drone-kubectl-gke']);
