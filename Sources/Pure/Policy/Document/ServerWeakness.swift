import InterlockModel

/// A property of a server's `connect` that exposes more than necessary. The server is served, and the
/// weakness is shown wherever the server is.
package enum ServerWeakness: String, Sendable, Hashable, CaseIterable {
    /// A child process with the machine's network.
    case hostNetwork = "host_network"
    /// An address without TLS and without a user: the first process there is taken for the server.
    case unidentified

    /// Returns nil if `connect` has neither weakness.
    init?(_ connection: ServerConnection?, _ network: ServerNetwork, owner: UInt32?) {
        switch connection {
        case .stdio? where network == .host: self = .hostNetwork
        case .http(let url)? where !url.hasPrefix("https://") && owner == nil: self = .unidentified
        default: return nil
        }
    }

    /// One sentence for display, without the server's name.
    package var sentence: String {
        switch self {
        case .hostNetwork:
            "it is started in the machine's network, and reaches every port and host that the machine does"
        case .unidentified:
            "nothing proves that the process at its address is the one that was reviewed"
        }
    }

    package var remedy: String {
        switch self {
        case .hostNetwork: "leave out `network: host`, if it works without"
        case .unidentified:
            "serve it over https; on this machine name the `uid` of its process, or start it by `stdio`"
        }
    }
}
