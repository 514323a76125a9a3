package import InterlockModel

/// The orders on disk compared with those of the control log.
extension HaltFolder {
    /// Writes back the halts whose files are missing, so that the load that follows judges them like every order. A
    /// folder that is missing itself stays so: the load halts everything then.
    ///
    /// - Returns: the ids of the orders that were missing and are written.
    package func putBack(_ halts: [(id: OrderID, order: Envelope)]) throws(KeyFailure) -> [OrderID]
    {
        guard let names = (try? GuardedFile.names(in: orders)).map(Set.init) else { return [] }
        var missing: [OrderID] = []
        for halt in halts where !names.contains("\(halt.id.text).json") {
            try write(order: halt.order, id: halt.id)
            missing.append(halt.id)
        }
        return missing
    }

    /// The orders in the folder, those that `isTaken` accepts by the digest of their statement: halts first, each kind
    /// by the time of its id. A file that cannot be read is omitted; the load has reported it.
    package func acceptedOrders(
        _ isTaken: (Digest) -> Bool
    ) -> [(id: OrderID, order: Envelope)] {
        var found: [(id: OrderID, order: Envelope)] = []
        for name in (try? GuardedFile.names(in: orders)) ?? [] where name.hasSuffix(".json") {
            guard
                let bytes = try? GuardedFile.read(
                    "\(orders)/\(name)", limit: HaltFolder.largestOrder, rules: .trusted),
                let order = try? Envelope(parsing: bytes),
                isTaken(hashing.sha256(order.payload)), let id = Self.id(of: order)
            else { continue }
            found.append((id, order))
        }
        func place(_ one: (id: OrderID, order: Envelope)) -> (Int, String) {
            (one.order.payloadType == .halt ? 0 : 1, one.id.text)
        }
        return found.sorted { place($0) < place($1) }
    }

    private static func id(of order: Envelope) -> OrderID? {
        switch order.payloadType {
        case .halt: (try? HaltOrder(order))?.id
        case .release: (try? ReleaseOrder(order))?.id
        default: nil
        }
    }
}
