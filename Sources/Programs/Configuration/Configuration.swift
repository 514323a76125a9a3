import InterlockAdministration
package import InterlockAlerts
package import InterlockCredentials
package import InterlockGovernor
package import InterlockLimits
package import InterlockModel

/// `interlock.yaml`: the settings of the program. Permissions are in the policy folder.
///
/// Every key is in `sections` with its form, default and meaning. The reader, the file that `interlock init` writes
/// and `docs/configuration.md` are made from that table.
package struct Configuration: Sendable {
    package var listeners = Listeners()
    package var tls = TLSSettings()
    package var authorization = AuthorizationSettings()
    package var policy = PolicySettings()
    package var store = StoreSettings()
    package var cluster = ClusterSettings()
    package var ledger = LedgerSettings()
    package var secrets = SecretSettings()
    package var limits = LimitSettings()
    package var breakers = BreakerSettings()
    package var mcp = MCPSettings()
    package var approvals = ApprovalSettings()
    package var detectors = MonitorPlan()
    package var alerts = AlertSettings()
    package var kill = KillSettings()
    package var drill = DrillSettings()
    package var selfTest = SelfTestSettings()
    package var log = LogSettings()
    package var metrics = MetricsSettings()
    package var telemetry = TelemetrySettings()

    package init() {}

    /// The address at which agents reach the gateway, as it is configured: port 0 is no address that one could use.
    package var agentPlane: String {
        "\(tls.certificate.isEmpty ? "http" : "https")://\(listeners.agents)/mcp"
    }

    package struct BreakerSettings: Sendable {
        package var agents = AgentBreakerSettings()
        package var upstreams = UpstreamBreakerSettings()
    }
    package struct Listeners: Sendable {
        package var agents = "127.0.0.1:7400"
        package var people = "127.0.0.1:7401"
        package var agentsSocket = ""
        package var hooksSocket = ""
        package var audience = CanonicalURI.local
    }
    package struct TLSSettings: Sendable {
        package var certificate = ""
        package var key = ""
        package var clients = "none"
        package var clientCA = ""
    }
    package struct AuthorizationSettings: Sendable {
        package var issuers: [TrustedIssuer] = []
        package var refresh: Duration = .seconds(300)
        package var retry: Duration = .seconds(60)
        package var maximumAge: Duration = .seconds(86_400)
        package var privateOrigins: [String] = []
        package var authorities = ""
    }
    package struct PolicySettings: Sendable { package var path = "policy" }
    package struct StoreSettings: Sendable {
        package var path = "state/interlock.db"
        /// Is nil for one node with `path`.
        package var postgres: PostgresParameters?
        package var deadline: Duration = .seconds(2)
    }
    package struct LedgerSettings: Sendable {
        package var directory = "state/ledger"
        package var origin = ""
        package var checkpointCopy = "state/guard.checkpoint"
        package var signer = ""
        package var beat: Duration = .seconds(10)
        package var softMark = 5 << 30
        package var hardMark = 1 << 30
        package var trust = "trust.policy"
        package var quorumLimit: Duration = .seconds(2)
        package var durability: [ToolAddress: Durability] = [:]
        package var segmentSize = 64 << 20
        package var anyFilesystem = false
        package var payloadDays = 90
        package var wrap = "file"
    }
    package struct SecretSettings: Sendable {
        package var directory = "secrets"
        package var environmentPrefix = "INTERLOCK_SECRET_"
        package var commands: [String: [String]] = [:]
        package var commandTime: Duration = .seconds(5)
        package var refresh: Duration = .seconds(300)
        package var oauth: [String: TokenSource] = [:]
        package var production: [String] = []
    }
    package struct LimitSettings: Sendable {
        package var connections = 4096
        package var peopleConnections = 256
        package var localConnections = 64
        package var doors = AdmissionLimits()
    }
    package struct MCPSettings: Sendable {
        package var hosts = ["localhost", "127.0.0.1", "[::1]"]
        package var origins: [String] = []
        package var maxBody = 4 << 20
        package var jsonDepth = 128
        package var hold: Duration = .seconds(45)
        package var longHold: Duration = .seconds(240)
        package var idleTimeout: Duration = .seconds(60)
        package var hardTimeout: Duration = .seconds(600)
        package var checkPins: Duration = .seconds(600)
        package var resumption = true
    }
    package struct ApprovalSettings: Sendable {
        package var console: ConsoleSettings?
        /// The console if `serve` offers one. Pages are linked only to a console at which people can sign in.
        package var servedConsole: ConsoleSettings? { console?.party == nil ? nil : console }
        package var useWithin: Duration = .seconds(600)
        package var pendingPerAgent = 16
        package var pendingInAll = 10_000
        package var notify: [ChannelName] = []
        package var notifyArguments = false
        package var clientConsent = "never"
        package var capPerHour = ReviewQualityPolicy.usualCap
        package var countermeasures = "refuse"
        package var probes = ProbeSettings()
        /// Is true if a client's consent counts as one approval for an agent of tier low.
        package var takesConsent: Bool { clientConsent == "low" }
    }
    package struct KillSettings: Sendable { package var rootFile = "/etc/interlock/HALT" }
    package struct DrillSettings: Sendable {
        package var auto = true
        package var at = DrillTime.usual
    }
    package struct SelfTestSettings: Sendable {
        package var every: Duration = .seconds(86_400)
    }
    package struct LogSettings: Sendable { package var format = "text" }
    package struct MetricsSettings: Sendable { package var token = "" }
    package struct AlertSettings: Sendable {
        package var channels: [ChannelSettings] = []
        package var deadMan: DeadManSettings?
        package var privateOrigins: [String] = []
        package var authorities = ""
    }
}
