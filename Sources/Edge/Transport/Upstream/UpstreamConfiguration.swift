package import InterlockMCP
package import InterlockModel

/// How one upstream MCP server is reached.
package struct UpstreamConfiguration: Sendable {
    package enum Connection: Equatable, Sendable {
        /// Streamable HTTP, at an absolute URL.
        case http(url: String)
        /// A child that speaks JSON-RPC lines; `argv[0]` is the program. No shell.
        case stdio(argv: [String])
    }

    package var server: ServerName
    package var connection: Connection
    /// The whole environment of a child, names in order.
    package var environment: [(String, String)]
    /// Values in `environment` that are taken out of what a child prints to its stderr.
    package var secrets: [String]
    /// Of the program, as reviewed; nil where nobody has.
    package var code: ProgramCode?
    /// Of a child.
    package var network: ServerNetwork
    /// Of a process behind an HTTP address: its user on this machine; nil for any.
    package var owner: UInt32?
    package var credentials: any UpstreamCredentials
    /// The version of the review, tried first; nil where nothing has been reviewed.
    package var reviewedVersion: ProtocolVersion?
    package var limits: UpstreamLimits

    package init(
        server: ServerName, connection: Connection, environment: [(String, String)] = [],
        secrets: [String] = [], code: ProgramCode? = nil, network: ServerNetwork = .own,
        owner: UInt32? = nil,
        credentials: any UpstreamCredentials = FixedCredentials(),
        reviewedVersion: ProtocolVersion? = nil,
        limits: UpstreamLimits = UpstreamLimits()
    ) {
        self.server = server
        self.connection = connection
        self.environment = environment
        self.secrets = secrets
        self.code = code
        self.network = network
        self.owner = owner
        self.credentials = credentials
        self.reviewedVersion = reviewedVersion
        self.limits = limits
    }

    /// Whether running sessions may go on under `other`.
    func reachesTheSame(as other: UpstreamConfiguration) -> Bool {
        connection == other.connection && code == other.code && network == other.network
            && owner == other.owner
            && environment.count == other.environment.count
            && zip(environment, other.environment).allSatisfy { $0 == $1 }
    }
}

/// Bounds and patience with upstreams (specs of MCP, sections 10 and 12).
package struct UpstreamLimits: Sendable {
    /// `server/discover` to a child: one that is silent for so long is asked in the legacy era.
    package var probe = Duration.seconds(10)
    /// `initialize`, `server/discover` over HTTP and one page of `tools/list`.
    package var handshake = Duration.seconds(30)
    /// Between two looks at a server's tools (`mcp.pins.check_every`).
    package var checkEvery = Duration.seconds(600)
    /// A list that holds for a shorter time is looked at again after this.
    package var leastListLifetime = Duration.seconds(60)
    /// At least this between two looks, however often the server says that its tools have changed.
    package var leastCheckGap = Duration.seconds(1)
    /// After a first failure to list, or a child's first unexpected end, it is tried again after this,
    /// then after twice as long, up to a minute.
    package var firstRetry = Duration.seconds(1)
    /// What a cancelled call may take to tell the upstream.
    package var cancelling = Duration.seconds(1)
    /// One `resources/subscribe` of a legacy server.
    package var subscribing = Duration.seconds(5)
    /// Between a first change of a resource and telling it; what else changes meanwhile is told with it.
    package var updateGap = Duration.milliseconds(100)
    /// A child without calls is stopped.
    package var childIdle = Duration.seconds(600)
    /// Between closing stdin, SIGTERM and SIGKILL.
    package var stopStep = Duration.seconds(2)
    package var lineBytes = 4 << 20
    package var stderrBytesPerMinute = 64 * 1024
    /// Lines on stdout that are no JSON-RPC, before a server is quarantined.
    package var badLines = 3
    /// Requests from a modern server, before it is quarantined.
    package var strayRequests = 3
    /// Unexpected ends within `exitWindow`, before a server is quarantined.
    package var exits = 5
    package var exitWindow = Duration.seconds(600)

    package init() {}
}

/// What the operator should know of an upstream.
package enum UpstreamEvent: Sendable {
    case connected(ServerName, tools: Int)
    case failed(ServerName, reason: String)
    case toolsChanged(ServerName)
    /// Offered no more until it is configured anew.
    ///
    /// - Parameter code: for the record: `upstream.lines`, `upstream.requests` or `upstream.exits`.
    case quarantined(ServerName, code: String, reason: String)
    case exited(ServerName, agent: AgentName?, reason: String)
    /// A line of a child's stderr, capped. Untrusted text.
    case stderr(ServerName, agent: AgentName?, line: String)
}
