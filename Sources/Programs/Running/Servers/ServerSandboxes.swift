import Glibc
package import InterlockCommandLine
import InterlockModel
package import InterlockPolicy
import InterlockPorts
package import InterlockSandbox
package import InterlockSandboxes
package import InterlockTransport
import Synchronization

/// Makes the sandboxes of stdio servers from the policy: what a child sees, and how it reaches hosts
/// (docs/specs/sandbox.md, section 14).
package final class ServerSandboxes: Sendable {
    /// The folder with the caches of servers, a folder for each.
    private let caches: String
    /// An empty file, which is shown in the place of a covered one.
    package let emptyFile: String
    private let service = Mutex<SandboxService?>(nil)
    /// The loop of all proxies, on which no call is served; made when the first server needs one.
    private let loops = Mutex<LoopGroup?>(nil)

    /// The user whom children of a gateway of root are on the host.
    private static let nobody: uid_t = 65_534

    /// - Parameter state: the folder of the gateway's state, which must exist.
    package init(state: String) throws(FileFailure) {
        caches = state + "/server-caches"
        emptyFile = state + "/empty"
        try File.makeFolder(caches, mode: 0o700)
        guard !File.exists(emptyFile) else { return }
        let file = unsafe open(emptyFile, O_CREAT | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0o444)
        guard file >= 0 else { throw FileFailure("create", emptyFile) }
        close(file)
    }

    /// Sets who decides about connections; until then no server reaches a host.
    package func setService(_ new: SandboxService) { service.withLock { $0 = new } }

    /// The access of a server's children. Makes the folders of its caches.
    ///
    /// - Parameter secretFiles: the content of `/run/secrets/NAME`, by name.
    package func access(
        of server: ServerEntry, secretFiles: [String: [UInt8]]
    ) throws(FileFailure) -> SandboxConfiguration.Access {
        let settings = server.sandbox
        let listed = ListedAccess(
            caches: try makeCaches(of: server), limits: settings.limits.ofEachProcess(),
            wall: settings.limits.wall,
            temporaryBytes: settings.limits.tmp, hasProxy: Self.reachesHosts(server),
            namesSOCKS: settings.egress.contains { $0.content == .tcp },
            toleratesMissingLandlock: settings.toleratesMissingLandlock,
            allowsDebug: settings.allowsDebug, secretFiles: secretFiles)
        return SandboxConfiguration.Access(
            readable: server.sandboxRead, writable: server.sandboxWrite, listed: listed)
    }

    /// Returns the access of a server's children to hosts, or nil if they reach none.
    ///
    /// - Throws: one sentence if its resolver cannot be used.
    package func egress(of server: ServerEntry) throws(Failure) -> ChildEgress? {
        guard Self.reachesHosts(server), let service = service.withLock({ $0 }) else { return nil }
        let loops = loops.withLock { loops in
            let made = loops ?? LoopGroup(count: 1, name: "server-proxy")
            loops = made
            return made
        }
        guard let resolver = server.sandbox.resolver.resolver(on: loops) else {
            throw Failure(.data, "the servers of `resolver` cannot be asked")
        }
        let name = server.name
        return ChildEgress(resolver: resolver, loops: loops) { sandbox, agent in
            service.authorizer(of: ServerChild(sandbox: sandbox, server: name, agent: agent))
        }
    }

    /// The limits that are stated and not kept for all processes together, because this version uses no cgroup.
    package static func degradedLimits(of server: ServerEntry) -> [String] {
        let limits = server.sandbox.limits
        let isCPUStated = limits.cpu != SandboxSettings.mcp.limits.cpu
        return (isCPUStated ? ["cpu"] : []) + (limits.statesMemory ? ["memory"] : [])
    }

    /// Ends the loop of the proxies; their children must have ended.
    package func stop() {
        let loops = loops.withLock { loops in
            defer { loops = nil }
            return loops
        }
        // Connections that were stopped are closed before the loop is.
        loops?.blocking {}
        loops?.stop()
    }

    private static func reachesHosts(_ server: ServerEntry) -> Bool {
        server.isChild && server.network == .own && !server.sandbox.egress.isEmpty
    }

    private func makeCaches(
        of server: ServerEntry
    ) throws(FileFailure) -> [ListedAccess.Cache] {
        guard !server.sandboxCaches.isEmpty else { return [] }
        let own = "\(caches)/\(server.name.text)"
        try File.makeFolder(own, mode: 0o700)
        var made: [ListedAccess.Cache] = []
        for inside in server.sandboxCaches {
            let outside = "\(own)/\(SystemTree.cacheName(inside))"
            try File.makeFolder(outside, mode: 0o700)
            if geteuid() == 0, unsafe chown(outside, Self.nobody, Self.nobody) != 0 {
                throw FileFailure("change the owner of", outside)
            }
            made.append(ListedAccess.Cache(inside: inside, outside: outside))
        }
        return made
    }
}
