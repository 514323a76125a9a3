import InterlockAdministration
import InterlockAlerts
import InterlockGovernor
import InterlockKeys
import InterlockLimits
import InterlockModel

/// `interlock.yaml`: the settings of the program. Permissions are in the policy folder.
///
/// Every key is in `sections` with its form, default and meaning. The reader, the file that `interlock init` writes
/// and `docs/configuration.md` are made from that table.
struct Configuration: Sendable {
    var listeners = Listeners()
    var tls = TLSSettings()
    var authorization = AuthorizationSettings()
    var policy = PolicySettings()
    var store = StoreSettings()
    var ledger = LedgerSettings()
    var secrets = SecretSettings()
    var limits = LimitSettings()
    var breakers = BreakerSettings()
    var mcp = MCPSettings()
    var approvals = ApprovalSettings()
    var detectors = MonitorPlan()
    var alerts = AlertSettings()
    var kill = KillSettings()
    var drill = DrillSettings()
    var log = LogSettings()
    var metrics = MetricsSettings()

    struct Listeners: Sendable {
        var agents = "127.0.0.1:7400"
        var people = "127.0.0.1:7401"
        var agentsSocket = ""
        var audience = CanonicalURI.local
    }
    struct TLSSettings: Sendable {
        var certificate = ""
        var key = ""
        var clients = "none"
        var clientCA = ""
    }
    struct AuthorizationSettings: Sendable {
        var issuers: [TrustedIssuer] = []
        var refresh: Duration = .seconds(300)
        var retry: Duration = .seconds(60)
        var maximumAge: Duration = .seconds(86_400)
        var privateOrigins: [String] = []
        var authorities = ""
    }
    struct PolicySettings: Sendable {
        var path = "policy"
    }
    struct StoreSettings: Sendable {
        var path = "state/interlock.db"
    }
    struct LedgerSettings: Sendable {
        var directory = "state/ledger"
        var origin = ""
        var checkpointCopy = "state/guard.checkpoint"
        var beat: Duration = .seconds(10)
        var softMark = 5 << 30
        var hardMark = 1 << 30
        var trust = "trust.policy"
        var quorumLimit: Duration = .seconds(2)
        var durability: [ToolAddress: Durability] = [:]
        var segmentSize = 64 << 20
        var anyFilesystem = false
        var payloadDays = 90
        var wrap = "file"
    }
    struct SecretSettings: Sendable {
        var directory = "secrets"
        var environmentPrefix = "INTERLOCK_SECRET_"
        var commands: [String: [String]] = [:]
        var commandTime: Duration = .seconds(5)
        var refresh: Duration = .seconds(300)
        var oauth: [String: TokenSource] = [:]
    }
    struct LimitSettings: Sendable {
        var connections = 4096
        var peopleConnections = 256
        var localConnections = 64
        var doors = AdmissionLimits()
    }
    struct MCPSettings: Sendable {
        var hosts = ["localhost", "127.0.0.1", "[::1]"]
        var origins: [String] = []
        var maxBody = 4 << 20
        var jsonDepth = 128
        var hold: Duration = .seconds(45)
        var longHold: Duration = .seconds(240)
        var idleTimeout: Duration = .seconds(60)
        var hardTimeout: Duration = .seconds(600)
        var checkPins: Duration = .seconds(600)
        var resumption = true
    }
    struct ApprovalSettings: Sendable {
        var console: ConsoleSettings?
        /// The console if `serve` offers one. Pages are linked only to a console at which people can sign in.
        var servedConsole: ConsoleSettings? { console?.party == nil ? nil : console }
        var useWithin: Duration = .seconds(600)
        var pendingPerAgent = 16
        var pendingInAll = 10_000
        var notify: [ChannelName] = []
        var notifyArguments = false
        var clientConsent = "never"
        var capPerHour = ReviewQualityPolicy.usualCap
        var countermeasures = "refuse"
        var probes = ProbeSettings()
        /// Is true if a client's consent counts as one approval for an agent of tier low.
        var takesConsent: Bool { clientConsent == "low" }
    }
    struct KillSettings: Sendable {
        var rootFile = "/etc/interlock/HALT"
    }
    struct DrillSettings: Sendable {
        var auto = true
        var at = DrillTime.usual
    }
    struct LogSettings: Sendable {
        var format = "text"
    }
    struct MetricsSettings: Sendable {
        var token = ""
    }
    struct AlertSettings: Sendable {
        var channels: [ChannelSettings] = []
        var deadMan: DeadManSettings?
        var privateOrigins: [String] = []
        var authorities = ""
    }
}

extension Configuration {
    static let sections: [Section] = [
        Section(
            "listeners", "where the gateway listens; other addresses than loopback take `tls`",
            [
                .text(
                    "agents", \.listeners.agents,
                    "address of the agent plane; port 0 takes a free one"),
                .text(
                    "people", \.listeners.people,
                    "address of console, health, readiness and metrics: loopback only, on both addresses of it"
                ),
                .path(
                    "agents_socket", \.listeners.agentsSocket,
                    "unix socket of the agent plane too, open to all users: the kernel says who calls"
                ),
                .resource(
                    "audience", \.listeners.audience,
                    "what agents' tokens must be made out to: the agent plane's canonical URI"),
            ]),
        Section(
            "tls", "both planes over TLS 1.2 and 1.3; without a certificate they speak plain HTTP",
            [
                .path(
                    "certificate", \.tls.certificate,
                    "the server's certificate and those that signed it, in PEM; SIGHUP reads it again"
                ),
                .path("key", \.tls.key, "its private key in PEM, mode 0600"),
                .word(
                    "clients", \.tls.clients, ["none", "pin", "ca"], notYet: [],
                    "agents' certificates: not asked for, told apart by key, or signed by `client_ca`"
                ),
                .path("client_ca", \.tls.clientCA, "what signs agents' certificates, in PEM"),
            ]),
        Section(
            "authorization", "whose tokens count besides those of `interlock agents token`",
            [
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
                    "origins that may have private addresses when keys, metadata or tokens are fetched"
                ),
                .path(
                    "ca", \.authorization.authorities,
                    "what signs the certificates of those servers besides what the system knows, in PEM"
                ),
            ]),
        Section(
            "policy", "what is allowed",
            [
                .text(
                    "path", \.policy.path,
                    "policy folder or file, relative to the deployment folder")
            ]),
        Section(
            "store", "approvals and other state that is not the log",
            [
                .text("path", \.store.path, "SQLite file")
            ]),
        Section(
            "ledger", "the audit log; it cannot be switched off",
            [
                .text("dir", \.ledger.directory, "folder of the log; ext4 or xfs"),
                .text(
                    "origin", \.ledger.origin,
                    "name of this log, set by `interlock init` and never changed"),
                .text(
                    "guard", \.ledger.checkpointCopy,
                    "copy of the last published checkpoint; better on another medium"),
                .duration(
                    "beat", \.ledger.beat, 1...60, "how often checkpoint and disk are looked after"),
                .text(
                    "trust", \.ledger.trust,
                    "tlog-policy file: logs, witnesses and the quorum of them"),
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
                    "accept tmpfs, overlay and network file systems (their flushes prove little)"),
            ]),
        Section(
            "secrets",
            "where credentials for upstream servers come from: the first that has a name, in this order: `oauth`, `commands`, systemd's credentials directory, environment, `dir`",
            [
                .text(
                    "dir", \.secrets.directory,
                    "folder with one file per secret, mode 0600 in a folder of 0700"),
                .text(
                    "environment_prefix", \.secrets.environmentPrefix,
                    "a secret `a-b` is also looked for as PREFIX`A_B`"),
                .commands(
                    "commands", \.secrets.commands,
                    "programs that print one secret each; no shell, walled off from `state/`"),
                .duration(
                    "command_time", \.secrets.commandTime, 1...60,
                    "what such a program may take"),
                .duration(
                    "refresh", \.secrets.refresh, 1...86_400,
                    "a secret is read again after this, and on SIGHUP"),
                .oauthClients(
                    "oauth", \.secrets.oauth,
                    "names for which an authorization server is asked for tokens: the client's own, or a person's who signs in (`grant: authorization_code`)"
                ),
            ]),
        .limits,
        .breakers,
        Section(
            "mcp", "the protocol toward agents and servers",
            [
                .list("hosts", \.mcp.hosts, "accepted values of the Host header, without port"),
                .list(
                    "origins", \.mcp.origins,
                    "accepted values of Origin; a request without one passes"),
                .bytes("max_body", \.mcp.maxBody, "largest request body; above: 413"),
                .count(
                    "json_depth", \.mcp.jsonDepth, 8...128, "deepest nesting of what an agent sends"
                ),
                .duration(
                    "hold", \.mcp.hold, 1...3600,
                    "how long an answer is kept open for people to decide"),
                .duration(
                    "long_hold", \.mcp.longHold, 1...3600,
                    "the same where the caller sent a progress token"),
                .duration(
                    "idle_timeout", \.mcp.idleTimeout, 1...3600,
                    "an upstream call without a sign of life ends after this"),
                .duration(
                    "hard_timeout", \.mcp.hardTimeout, 1...86_400,
                    "an upstream call ends after this in any case"),
                .duration(
                    "check_pins", \.mcp.checkPins, 1...86_400,
                    "how often the servers' tools are read again"),
                .flag(
                    "resumption", \.mcp.resumption,
                    "whether clients before 2026-07-28 come back to a stream that they have lost"),
            ]),
        Section(
            "approval_service", "requests that wait for people",
            [
                .console(
                    "console", \.approvals.console,
                    "where browsers find the people plane's pages; by default the host of `url` is `rp_id`"
                ),
                .duration(
                    "use_within", \.approvals.useWithin, 60...3600,
                    "an unused grant lapses after this"),
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
                    "countermeasures", \.approvals.countermeasures, ["refuse", "mark"], notYet: [],
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
                    "whether what a call would do is told there too; otherwise it is in the console alone"
                ),
                .word(
                    "client_consent", \.approvals.clientConsent, ["never", "low"], notYet: [],
                    "`low`: where an agent's tier is low, the yes of whoever uses its client stands for one approval; no person is proven by it"
                ),
            ]),
        Section("detectors", DetectorSetting.about, DetectorSetting.all),
        Section(
            "kill", "the kill switch; it cannot be switched off",
            [
                .text(
                    "root_file", \.kill.rootFile,
                    "a file whose being there stops everything, whatever is in it; removing it releases nothing"
                )
            ]),
        Section(
            "drill", "rehearsals of the kill switch; how often, the policy's `kill_switch` says",
            [
                .flag(
                    "auto", \.drill.auto, "whether `serve` begins a drill itself when one is due"),
                .drillTime(
                    "at", \.drill.at,
                    "in which hour of the week: `any`, or `tue 10:00 Europe/Lisbon`"),
            ]),
        Section(
            "log", "what the program says of itself on standard error",
            [
                .word(
                    "format", \.log.format, ["text", "json"], notYet: [],
                    "`json`: one object a line, with `time`, `level`, `part` and `message`")
            ]),
        Section(
            "metrics", "what machines read of the people plane without a session",
            [
                .secret(
                    "token", \.metrics.token,
                    "the bearer token of `/metrics` and of the details of `/readyz`; empty: whoever reaches the people plane reads both"
                )
            ]),
        Section(
            "alerts", "how people are told; the channel `ops` hears of every alarm",
            [
                .channels(
                    "channels", \.alerts.channels,
                    "ways to reach people; `page: true` hears of all that is to wake somebody"),
                .deadMan(
                    "deadman", \.alerts.deadMan,
                    "where it is told every minute that this gateway is alive, signed by the log's key; whoever hears it alarms when it stays away"
                ),
                .origins(
                    "private_origins", \.alerts.privateOrigins,
                    "origins of webhooks that may have private addresses"),
                .path(
                    "ca", \.alerts.authorities,
                    "what signs the certificates of those servers besides what the system knows, in PEM"
                ),
            ]),
    ]
}
