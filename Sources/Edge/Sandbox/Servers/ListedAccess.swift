/// The access of a stdio server's child besides paths of the host (docs/specs/sandbox.md, section 14).
package struct ListedAccess: Sendable, Hashable {
    /// A folder that outlives the child and is for its server alone.
    package struct Cache: Sendable, Hashable {
        package let inside: String
        /// Must exist at the launch.
        package let outside: String

        package init(inside: String, outside: String) {
            self.inside = inside
            self.outside = outside
        }
    }

    package var caches: [Cache]
    package var limits: [SandboxLimit]
    /// The time after which the child is ended, or nil for none.
    package var wall: Duration?
    /// The most bytes of its temporary files, and as many in its home.
    package var temporaryBytes: Int64
    /// True if its network has the two listening sockets of a proxy.
    package var hasProxy: Bool
    /// True if the variables name the proxy for SOCKS5 too. Clients without a library for it fail if they do.
    package var namesSOCKS: Bool
    package var toleratesMissingLandlock: Bool
    package var allowsDebug: Bool
    /// The content of `/run/secrets/NAME`, by name.
    package var secretFiles: [String: [UInt8]]

    package init(
        caches: [Cache] = [], limits: [SandboxLimit] = [.processes(128), .openFiles(4096)],
        wall: Duration? = nil, temporaryBytes: Int64 = 512 << 20, hasProxy: Bool = false,
        namesSOCKS: Bool = false,
        toleratesMissingLandlock: Bool = false, allowsDebug: Bool = false,
        secretFiles: [String: [UInt8]] = [:]
    ) {
        self.caches = caches
        self.limits = limits
        self.wall = wall
        self.temporaryBytes = temporaryBytes
        self.hasProxy = hasProxy
        self.namesSOCKS = namesSOCKS
        self.toleratesMissingLandlock = toleratesMissingLandlock
        self.allowsDebug = allowsDebug
        self.secretFiles = secretFiles
    }

    /// The home inside.
    static let home = "/home/agent"
}
