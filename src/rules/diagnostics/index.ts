import type { AnyRule } from '../../model/rule.ts';
import anonymousMetrics from './anonymous-metrics.ts';
import debugLogging from './debug-logging.ts';
import exposedDashboard from './exposed-dashboard.ts';
import missingEventFeed from './missing-event-feed.ts';
import profilerEnabled from './profiler-enabled.ts';
import traceLogging from './trace-logging.ts';
import trafficDump from './traffic-dump.ts';
import usageStatistics from './usage-statistics.ts';
import weakDashboardPassword from './weak-dashboard-password.ts';

export default [
  anonymousMetrics,
  debugLogging,
  exposedDashboard,
  missingEventFeed,
  profilerEnabled,
  traceLogging,
  trafficDump,
  usageStatistics,
  weakDashboardPassword,
] satisfies readonly AnyRule[];
