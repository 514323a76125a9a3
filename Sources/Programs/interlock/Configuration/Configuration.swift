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

    struct BreakerSettings: Sendable {
        var agents = AgentBreakerSettings()
        var upstreams = UpstreamBreakerSettings()
    }
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
    struct PolicySettings: Sendable { var path = "policy" }
    struct StoreSettings: Sendable { var path = "state/interlock.db" }
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
    struct KillSettings: Sendable { var rootFile = "/etc/interlock/HALT" }
    struct DrillSettings: Sendable {
        var auto = true
        var at = DrillTime.usual
    }
    struct LogSettings: Sendable { var format = "text" }
    struct MetricsSettings: Sendable { var token = "" }
    struct AlertSettings: Sendable {
        var channels: [ChannelSettings] = []
        var deadMan: DeadManSettings?
        var privateOrigins: [String] = []
        var authorities = ""
    }
}
