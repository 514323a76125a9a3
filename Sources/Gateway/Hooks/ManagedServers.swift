import InterlockEgress
import InterlockHooks
import InterlockModel

/// The MCP servers whose calls the gateway decides, by their addresses. A name can be chosen by anyone, so only an
/// address counts.
package struct ManagedServers: Sendable {
    /// The URLs of `/mcp`; `/mcp/<server>` is below each.
    private let addresses: [String]

    /// - Parameter addresses: URLs without a trailing slash, such as `http://127.0.0.1:7400/mcp`. The program that listens
    ///   there must be the gateway.
    package init(_ addresses: [String]) { self.addresses = addresses }

    /// Inside a run: the run's own proxy, which passes everything to the gateway.
    package static let ofRun = ManagedServers(["http://\(OwnRoute.authority)/mcp"])

    func contains(_ server: HookServer?) -> Bool {
        guard let server, server.command == nil, let url = server.url else { return false }
        return addresses.contains { address in
            guard url.utf8.starts(with: address.utf8) else { return false }
            let rest = url.utf8.dropFirst(address.utf8.count)
            guard let first = rest.first else { return true }
            return first == UInt8(ascii: "/") && ServerName(String(rest.dropFirst()) ?? "") != nil
        }
    }
}
