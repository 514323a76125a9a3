import InterlockLimits
import InterlockModel

extension Configuration {
    static let sections: [Section] = [
        .listeners, .tls, .authorization, .policy, .store, .cluster, .ledger, .secrets, .limits,
        .breakers, .mcp, .approvalService, .detectors, .kill, .drill, .selfTest, .log, .metrics,
        .telemetry, .alerts,
    ]
}

extension Section {
    private typealias OfAgents = AgentBreakerSettings.Bounds
    private typealias OfServers = UpstreamBreakerSettings.Bounds
    private typealias AdmissionBounds = AdmissionLimits.Bounds

    static let listeners = Section(
        "listeners", "where the gateway listens; other addresses than loopback take `tls`",
        .text("agents", \.listeners.agents, "address of the agent plane; port 0 takes a free one"),
        .text(
            "people", \.listeners.people,
            "address of console, health, readiness and metrics: loopback only, on both addresses of it"
        ),
        .path(
            "agents_socket", \.listeners.agentsSocket,
            "unix socket of the agent plane too, open to all users: the kernel says who calls"),
        .path(
            "hooks_socket", \.listeners.hooksSocket,
            "unix socket for hooks of coding agents outside runs, open to all users: `hooks.uid` says whose events count"
        ),
        .resource(
            "audience", \.listeners.audience,
            "what agents' tokens must be made out to: the agent plane's canonical URI"))

    static let tls = Section(
        "tls", "both planes over TLS 1.2 and 1.3; without a certificate they speak plain HTTP",
        .path(
            "certificate", \.tls.certificate,
            "the server's certificate and those that signed it, in PEM; SIGHUP reads it again"),
        .path("key", \.tls.key, "its private key in PEM, mode 0600"),
        .word(
            "clients", \.tls.clients, ["none", "pin", "ca"],
            "agents' certificates: not asked for, told apart by key, or signed by `client_ca`"),
        .path("client_ca", \.tls.clientCA, "what signs agents' certificates, in PEM"))

    static let authorization = Section(
        "authorization", "whose tokens count besides those of `interlock agents token`",
        .issuers(
            "issuers", \.authorization.issuers,
            "authorization servers, their keys, and whom their tokens stand for"),
        .duration(
            "refresh", \.authorization.refresh, 10...86_400,
            "how often the issuers' keys are fetched"),
        .duration(
            "retry", \.authorization.retry, 1...3600,
            "the same at most, where a token names a key that is not known"),
        .duration(
            "max_age", \.authorization.maximumAge, 60...604_800,
            "keys that could not be fetched for so long count no more"),
        .origins(
            "private_origins", \.authorization.privateOrigins,
            "origins that may have private addresses when keys, metadata or tokens are fetched"),
        .path(
            "ca", \.authorization.authorities,
            "what signs the certificates of those servers besides what the system knows, in PEM"))

    static let policy = Section(
        "policy", "what is allowed",
        .text("path", \.policy.path, "policy folder or file, relative to the deployment folder"))

    static let ledger = Section(
        "ledger", "the audit log; it cannot be switched off",
        .text("dir", \.ledger.directory, "folder of the log; ext4 or xfs"),
        .text(
            "origin", \.ledger.origin, "name of this log, set by `interlock init` and never changed"
        ),
        .text(
            "guard", \.ledger.checkpointCopy,
            "copy of the last published checkpoint; better on another medium"),
        .path(
            "signer", \.ledger.signer,
            "socket of `interlock signer`, which holds the log's key as another user"),
        .duration("beat", \.ledger.beat, 1...60, "how often checkpoint and disk are looked after"),
        .text("trust", \.ledger.trust, "tlog-policy file: logs, witnesses and the quorum of them"),
        .milliseconds(
            "quorum_time", \.ledger.quorumLimit, 100...30_000,
            "how long a call waits for the cosignatures of a quorum"),
        .strengths(
            "durability", \.ledger.durability,
            "what calls of a tool, resource or prompt wait for at least: `D1` a receipt, `D2` a quorum"
        ),
        .bytes("soft_mark", \.ledger.softMark, "less free space raises an alarm"),
        .bytes("hard_mark", \.ledger.hardMark, "with less free space no call is permitted"),
        .bytes("segment", \.ledger.segmentSize, "size of one write-ahead segment"),
        .count(
            "payload_days", \.ledger.payloadDays, 30...180,
            "days that payloads are kept; then their keys are destroyed"),
        .word(
            "wrap", \.ledger.wrap, ["file"], notYet: ["age", "tpm", "kms"],
            "under what the keys of payloads are kept: `file` is `state/keys/wrap.key`"),
        .flag(
            "any_filesystem", \.ledger.anyFilesystem,
            "accept tmpfs, overlay and network file systems (their flushes prove little)"))

    static let secrets = Section(
        "secrets",
        "where credentials for upstream servers and secrets of runs come from; for servers the first that has a name, in this order: `oauth`, `commands`, systemd's credentials directory, environment, `dir`",
        .text(
            "dir", \.secrets.directory,
            "folder with one file per secret, mode 0600 in a folder of 0700"),
        .text(
            "environment_prefix", \.secrets.environmentPrefix,
            "a secret `a-b` is also looked for as PREFIX`A_B`"),
        .commands(
            "commands", \.secrets.commands,
            "programs that print one secret each; no shell, no `state/`, a `/tmp` of their own"),
        .duration("command_time", \.secrets.commandTime, 1...60, "what such a program may take"),
        .duration(
            "refresh", \.secrets.refresh, 1...86_400,
            "a secret is read again after this, and on SIGHUP"),
        .oauthClients(
            "oauth", \.secrets.oauth,
            "names for which an authorization server is asked for tokens: the client's own, or a person's who signs in (`grant: authorization_code`)"
        ),
        .secretNames(
            "production", \.secrets.production,
            "secrets that no run of kind `exploratory` gets, as a variable, a file or the key of a model; case does not matter, and `_` is as `-`"
        ))

    /// The limits that apply before the policy's own limits. Every value has bounds: none can be turned off
    /// (docs/specs/limits-and-monitoring.md, sections 2 and 14).
    static let limits = Section(
        "limits",
        "connections, and how often anything may be asked; calls of tools have theirs in the policy",
        .count(
            "connections", \.limits.connections, 1...100_000,
            "open connections of the agent plane; above: 503"),
        .count(
            "people_connections", \.limits.peopleConnections, 16...10_000,
            "open connections of the people plane; a quarter is reserved for signed-in people and services; when the rest is full, an idle connection of the source with the most is closed for a new one. Half of them are for pages that follow changes"
        ),
        .count(
            "local_connections", \.limits.localConnections, 1...1_000,
            "open connections of the local socket"),
        .group(
            "requests", "messages of an agent, counted before they are read; above: 429",
            .pace("rate", \.limits.doors.requests, "of whatever kind"),
            .limit("burst", \.limits.doors.burst, AdmissionBounds.burst, "as many at once")),
        .pace(
            "auth_failures", \.limits.doors.failures,
            "credentials from one address that do not hold; above: 429, and other addresses are not affected"
        ),
        .group(
            "inflight", "calls under way, with those that wait for people; above: 4290",
            .limit("agent", \.limits.doors.agentCalls, AdmissionBounds.calls, "of one agent"),
            .limit("server", \.limits.doors.serverCalls, AdmissionBounds.calls, "to one server")),
        .pace("lists", \.limits.doors.lists, "lists of tools, resources and prompts for one agent"),
        .pace("discovers", \.limits.doors.discovers, "times that one agent asks what there is"),
        .pace(
            "completions", \.limits.doors.completions,
            "completions for one agent: they show what exists, piece by piece"),
        .bytes(
            "result_bytes", \.limits.doors.resultBytes, AdmissionBounds.resultBytes,
            "results that one agent gets in 24 hours; a result above it is kept back, then calls are refused: 4290"
        ),
        .count(
            "sampling_tokens", \.limits.doors.samplingTokens, AdmissionBounds.samplingTokens,
            "tokens that servers may sample from the model of one agent in 24 hours, where the policy's `asks` permits it; above: declined"
        ),
        .recipientLimits(
            "recipients", \.limits.doors.recipients,
            "the most different recipients that one agent names to a tool in an hour or a day; above, or where none can be read: 4290"
        ))

    /// Every value has bounds: no breaker can be turned off (docs/specs/limits-and-monitoring.md, sections 7, 8 and
    /// 14).
    static let breakers = Section(
        "breakers", "what stops a loop of an agent, and calls to a server that fails",
        .group(
            "upstream", "when a server or tool is not called for a while",
            .trip(
                "failures", \.breakers.upstreams.failures, OfServers.failures, "failures in a row"),
            .share(
                "ratio", \.breakers.upstreams.percent, OfServers.percent,
                "failed calls of all in the window"),
            .trip(
                "of", \.breakers.upstreams.calls, OfServers.calls,
                "fewer calls in the window say nothing"),
            .duration(
                "window", \.breakers.upstreams.window, OfServers.windowSeconds,
                "how far back calls count"),
            .duration(
                "open", \.breakers.upstreams.open, OfServers.openSeconds,
                "how long nothing is sent; doubled each time"),
            .duration(
                "open_max", \.breakers.upstreams.longest, OfServers.openSeconds,
                "the longest of those times"),
            .tools(
                "count_is_error", \.breakers.upstreams.countsErrors,
                "tools whose own errors are failures of the server")),
        .group(
            "agent", "when a run's calls come one by one, and at the second time not at all",
            .repeats(
                "same_write", \.breakers.agents.sameWrite, OfAgents.sameWrite,
                "the same call of a tool that changes something"),
            .repeats(
                "same_read", \.breakers.agents.sameRead, OfAgents.sameRead,
                "the same read with the same result"),
            .repeats(
                "same_any", \.breakers.agents.sameAny, OfAgents.sameAny,
                "the same call, whatever it does"),
            .trip(
                "cycles", \.breakers.agents.cycles, OfAgents.cycles,
                "full rounds of two or three calls"),
            .trip("denials", \.breakers.agents.denials, OfAgents.denials, "denials in a row"),
            .trip(
                "denials_minute", \.breakers.agents.denialsMinute, OfAgents.denialsMinute,
                "denials in a minute"),
            .repeats(
                "variants", \.breakers.agents.variants, OfAgents.variants,
                "a denied call again with one argument changed"),
            .trip(
                "refusals", \.breakers.agents.refusals, OfAgents.refusals,
                "requests of a run that people refused")),
        .group(
            "run", "how long a session of a run may go on: until it is silent for half an hour",
            .trip("calls", \.breakers.agents.calls, OfAgents.calls, "calls of one session"),
            .duration(
                "wall", \.breakers.agents.wall, OfAgents.wallSeconds,
                "from a session's first call"),
            .polls(
                "poll", \.breakers.agents.poll,
                "tools that may be asked so often while nothing changes")))

    static let mcp = Section(
        "mcp", "the protocol toward agents and servers",
        .texts("hosts", \.mcp.hosts, "accepted values of the Host header, without port"),
        .texts(
            "origins", \.mcp.origins,
            "accepted values of Origin, besides that of the request's own Host; a request without one passes"
        ),
        .bytes("max_body", \.mcp.maxBody, "largest request body; above: 413"),
        .count("json_depth", \.mcp.jsonDepth, 8...128, "deepest nesting of what an agent sends"),
        .duration(
            "hold", \.mcp.hold, 1...3600, "how long an answer is kept open for people to decide"),
        .duration(
            "long_hold", \.mcp.longHold, 1...3600, "the same where the caller sent a progress token"
        ),
        .duration(
            "idle_timeout", \.mcp.idleTimeout, 1...3600,
            "an upstream call without a sign of life ends after this"),
        .duration(
            "hard_timeout", \.mcp.hardTimeout, 1...86_400,
            "an upstream call ends after this in any case"),
        .duration(
            "check_pins", \.mcp.checkPins, 1...86_400, "how often the servers' tools are read again"
        ),
        .flag(
            "resumption", \.mcp.resumption,
            "whether clients before 2026-07-28 come back to a stream that they have lost"))

    static let approvalService = Section(
        "approval_service", "requests that wait for people",
        .console(
            "console", \.approvals.console,
            "where browsers find the people plane's pages; by default the host of `url` is `rp_id`"),
        .duration(
            "use_within", \.approvals.useWithin, 60...3600, "an unused grant lapses after this"),
        .count(
            "pending_per_agent", \.approvals.pendingPerAgent, 1...1_000,
            "open requests of one agent; above: refused"),
        .count(
            "pending_in_all", \.approvals.pendingInAll, 1...1_000_000,
            "open requests; above: refused"),
        .count(
            "cap_per_hour", \.approvals.capPerHour, 1...10_000,
            "requests that one person may decide in an hour; then approving waits"),
        .word(
            "countermeasures", \.approvals.countermeasures, ["refuse", "mark"],
            "`refuse`: approvals in haste, in long rows or bursts, above the cap or after missed probes wait; `mark`: they are in the figures alone"
        ),
        .probes(
            "probes", \.approvals.probes,
            "requests known to be bad, by which reading is tested: how many of all, and how many a month for each person at least; `{rate: 0, min_per_month: 0}` asks none"
        ),
        .channelNames(
            "notify", \.approvals.notify,
            "channels that hear of requests; an e-mail channel without `to` writes to each person who may decide"
        ),
        .flag(
            "notify_arguments", \.approvals.notifyArguments,
            "whether a call's arguments are sent there too; otherwise only the console shows them"),
        .word(
            "client_consent", \.approvals.clientConsent, ["never", "low"],
            "`low`: where an agent's tier is low, the consent of the client's user counts as one approval; it proves no person"
        ))

    static let detectors = Section(
        name: "detectors", about: DetectorSetting.about, settings: DetectorSetting.all)

    static let kill = Section(
        "kill", "the kill switch; it cannot be switched off",
        .text(
            "root_file", \.kill.rootFile,
            "a file whose being there stops everything, whatever is in it; removing it releases nothing"
        ))

    static let drill = Section(
        "drill", "rehearsals of the kill switch; how often, the policy's `kill_switch` says",
        .flag("auto", \.drill.auto, "whether `serve` begins a drill itself when one is due"),
        .drillTime(
            "at", \.drill.at, "in which hour of the week: `any`, or `tue 10:00 Europe/Lisbon`"))

    static let selfTest = Section(
        "selftest",
        "the self-test, in which a canary makes forbidden calls; it cannot be switched off",
        .duration(
            "every", \.selfTest.every, SelfTestInterval.bounds,
            "how often `serve` makes it; a quarter later it is overdue"
        ).held(": the self-test stays on"))

    static let log = Section(
        "log", "what the program says of itself on standard error",
        .word(
            "format", \.log.format, ["text", "json"],
            "`json`: one object a line, with `time`, `level`, `part` and `message`"))

    static let metrics = Section(
        "metrics", "what machines read of the people plane without a session",
        .secret(
            "token", \.metrics.token,
            "the bearer token of `/metrics`, `/alive` and the details of `/readyz`; empty: anyone who reaches the people plane reads them"
        ))

    static let alerts = Section(
        "alerts", "notifications; the channel `ops` receives every alarm",
        .channels(
            "channels", \.alerts.channels,
            "ways to reach people; `page: true` receives everything that must wake a person"),
        .deadMan(
            "deadman", \.alerts.deadMan,
            "the URL that receives every minute a statement, signed by the log's key, that this gateway is alive; its receiver raises an alarm when it is absent"
        ),
        .origins(
            "private_origins", \.alerts.privateOrigins,
            "origins of webhooks that may have private addresses"),
        .path(
            "ca", \.alerts.authorities,
            "what signs the certificates of those servers besides what the system knows, in PEM"))
}

extension Setting {
    fileprivate static func trip(
        _ name: String, _ path: Path<Int>, _ range: ClosedRange<Int>, _ about: String
    ) -> Setting { count(name, path, range, about).held(": breakers stay on") }

    fileprivate static func limit(
        _ name: String, _ path: Path<Int>, _ range: ClosedRange<Int>, _ about: String
    ) -> Setting { count(name, path, range, about).held(": limits stay on") }
}
