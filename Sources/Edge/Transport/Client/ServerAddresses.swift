extension SocketProcesses {
    /// Resolves the host of an `http` or `https` URL. Blocks while a name is looked up.
    ///
    /// - Returns: nil if the URL is not one of these, or the name has no address.
    package static func addresses(of url: String) -> Set<ServerAddress>? {
        guard let origin = HTTPRoute(url: url)?.origin else { return nil }
        let found: [SocketAddress] =
            switch origin.host {
            case .addresses(let addresses): addresses
            case .name: NameLookup.ask(origin.lookUpName)
            }
        let addresses = found.compactMap { address in
            SocketCalls.text(ofAddress: address.addressBytes).map {
                ServerAddress(host: $0, port: origin.port)
            }
        }
        return addresses.isEmpty ? nil : Set(addresses)
    }
}
