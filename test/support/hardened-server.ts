/** A Compose file with a server that lacks nothing but a health check, and these lines of its service besides. */
export function hardenedServer(...lines: readonly string[]): string {
  return `services:
  server:
    image: drone/drone:2.25.0@sha256:0000000000000000000000000000000000000000000000000000000000000000
    user: "1000:1000"
    read_only: true
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
    mem_limit: 1g
    cpus: 1
    pids_limit: 200
${lines.map((line) => `    ${line}\n`).join('')}    environment:
      - DRONE_SERVER_HOST=ci.example.com
`;
}
