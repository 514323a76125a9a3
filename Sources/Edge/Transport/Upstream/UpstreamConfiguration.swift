package import InterlockMCP
package import InterlockModel

/// The connection settings of one upstream MCP server.
package struct UpstreamConfiguration: Sendable {
    package enum Connection: Equatable, Sendable {
        /// Streamable HTTP at an absolute URL.
        case http(url: String)
        /// A child that speaks JSON-RPC lines; `argv[0]` is the program. No shell is used.
        case stdio(argv: [String])
    }

    package var server: ServerName
    package var connection: Connection
    /// The complete environment of a child, names in order.
    package var environment: [(String, String)]
    /// The secrets that a child has, in variables or files, which are removed from its stderr output.
    package var secrets: [String]
    /// The reviewed code of the program, or nil if it was not reviewed.
    package var code: ProgramCode?
    /// The network access of a child.
    package var network: ServerNetwork
    /// The access of a child to hosts by its proxy, or nil if it reaches none.
    package var egress: ChildEgress?
    /// Differs if the sandbox of a child does; nil if no change of it ends a child that runs.
    package var sandbox: (any Hashable & Sendable)?
    /// The user on this machine who must own the process behind an HTTP address, or nil for any.
    package var owner: UInt32?
    /// True if the name of an HTTP server may lead to a private or loopback address.
    package var allowsPrivateNames: Bool
    package var credentials: any UpstreamCredentials
    /// The reviewed protocol version, which is tried first, or nil if there was no review.
    package var reviewedVersion: ProtocolVersion?
    package var limits: UpstreamLimits

    package init(
        server: ServerName, connection: Connection, environment: [(String, String)] = [],
        secrets: [String] = [], code: ProgramCode? = nil, network: ServerNetwork = .own,
        egress: ChildEgress? = nil, sandbox: (any Hashable & Sendable)? = nil,
        owner: UInt32? = nil, allowsPrivateNames: Bool = false,
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
        self.egress = egress
        self.sandbox = sandbox
        self.owner = owner
        self.allowsPrivateNames = allowsPrivateNames
        self.credentials = credentials
        self.reviewedVersion = reviewedVersion
        self.limits = limits
    }

    /// Returns true if running sessions may continue under `other`.
    func reachesTheSame(as other: UpstreamConfiguration) -> Bool {
        connection == other.connection && code == other.code && network == other.network
            && Self.isSame(sandbox, other.sandbox) && owner == other.owner
            && allowsPrivateNames == other.allowsPrivateNames
            && environment.count == other.environment.count
            && zip(environment, other.environment).allSatisfy { $0 == $1 }
    }
}

extension UpstreamConfiguration {
    private static func isSame(
        _ a: (any Hashable & Sendable)?, _ b: (any Hashable & Sendable)?
    ) -> Bool {
        guard let a, let b else { return a == nil && b == nil }
        return AnyHashable(a) == AnyHashable(b)
    }
}

/// The limits and timeouts for upstreams (docs/specs/mcp.md, sections 10 and 12).
package struct UpstreamLimits: Sendable {
    /// The time for `server/discover` to a child, after which a silent child is asked in the legacy era.
    package var probe = Duration.seconds(10)
    /// The time for `initialize`, `server/discover` over HTTP, and one page of `tools/list`.
    package var handshake = Duration.seconds(30)
    /// The interval at which a server's tools are listed (`mcp.pins.check_every`).
    package var checkEvery = Duration.seconds(600)
    /// The minimum interval for lists that the server declares short-lived.
    package var leastListLifetime = Duration.seconds(60)
    /// The minimum interval between two listings, however often the server announces changes.
    package var leastCheckGap = Duration.seconds(1)
    /// The pause after a first failure to list, or a child's first unexpected end; it doubles up to a minute.
    package var firstRetry = Duration.seconds(1)
    /// The time that a cancelled call may take to notify the upstream.
    package var cancelling = Duration.seconds(1)
    /// The time for one `resources/subscribe` of a legacy server.
    package var subscribing = Duration.seconds(5)
    /// The delay after a first change of a resource; changes in the meantime are reported together with it.
    package var updateGap = Duration.milliseconds(100)
    /// The time after which a child without calls is stopped.
    package var childIdle = Duration.seconds(600)
    /// The time between closing stdin, SIGTERM and SIGKILL.
    package var stopStep = Duration.seconds(2)
    package var lineBytes = 4 << 20
    package var stderrBytesPerMinute = 64 * 1024
    /// The number of stdout lines that are not JSON-RPC at which a server is quarantined.
    package var badLines = 3
    /// The number of requests at which a modern server is quarantined.
    package var strayRequests = 3
    /// The number of unexpected ends within `exitWindow` at which a server is quarantined.
    package var exits = 5
    package var exitWindow = Duration.seconds(600)

    package init() {}
}

/// Events of an upstream for the operator.
package enum UpstreamEvent: Sendable {
    case connected(ServerName, tools: Int)
    case failed(ServerName, reason: String)
    case toolsChanged(ServerName)
    /// The server is not offered until it is configured or released again.
    ///
    /// - Parameter code: the code for the record: `upstream.lines`, `upstream.requests`, `upstream.exits` or
    ///   `lock.code`.
    case quarantined(ServerName, code: String, reason: String)
    case exited(ServerName, agent: AgentName?, reason: String)
    /// A line of a child's stderr, limited in length. Untrusted text.
    case stderr(ServerName, agent: AgentName?, line: String)
}
