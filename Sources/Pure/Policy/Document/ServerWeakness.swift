import InterlockModel

/// A property of a server's `connect` that leaves more open than it must. It is served, and shown wherever the
/// server is.
package enum ServerWeakness: String, Sendable, Hashable, CaseIterable {
    /// A child with the machine's network.
    case hostNetwork = "host_network"
    /// An address without TLS and without a user: whoever listens there first is taken for the server.
    case unidentified

    /// - Returns: nil if `connect` leaves neither open.
    init?(_ connection: ServerConnection?, _ network: ServerNetwork, owner: UInt32?) {
        switch connection {
        case .stdio? where network == .host: self = .hostNetwork
        case .http(let url)? where !url.hasPrefix("https://") && owner == nil: self = .unidentified
        default: return nil
        }
    }

    /// One sentence for people, without the server's name.
    package var sentence: String {
        switch self {
        case .hostNetwork:
            "it is started in the machine's network, and reaches every port and host that the machine does"
        case .unidentified:
            "nothing proves that the process at its address is the one that was reviewed"
        }
    }

    /// The remedy.
    package var remedy: String {
        switch self {
        case .hostNetwork: "leave out `network: host`, if it works without"
        case .unidentified:
            "serve it over https; on this machine name the `uid` of its process, or start it by `stdio`"
        }
    }
}
