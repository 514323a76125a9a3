package import InterlockModel
package import InterlockPorts

/// Verifies the whole control log at a start, before anything is permitted, in pages: the memory it takes does not grow
/// with the log.
package enum ControlLogVerification {
    static let page = 256

    /// - Returns: the newest entry.
    package static func verify(
        _ log: any ControlLog, hashing: any Hashing
    ) async throws(ControlLogFailure) -> ControlHead {
        var chain = ControlChain()
        while true {
            let entries: [StoredControlEntry]
            do throws(StoreFailure) {
                entries = try await log.entries(after: chain.head.number, most: page)
            } catch { throw .unreadable(error.reason) }
            if entries.isEmpty { return chain.head }
            for entry in entries {
                do throws(ControlFault) { _ = try chain.take(entry, hashing: hashing) } catch {
                    throw .notAsWritten(error)
                }
            }
        }
    }

    /// Checks that each of these elevations, which the store has as granted, was granted last by the control log too.
    package static func check(
        granted: [ElevationID], in log: any ControlLog
    ) async throws(ControlLogFailure) {
        guard !granted.isEmpty else { return }
        var known: Set<ElevationID> = []
        do throws(StoreFailure) {
            for entry in try await log.newest(of: [.elevation, .elevationEnd])
            where entry.kind == .elevation {
                if let id = ElevationID(entry.subject) { known.insert(id) }
            }
        } catch { throw .unreadable(error.reason) }
        if let missing = granted.first(where: { !known.contains($0) }) {
            throw .lacksElevation(missing)
        }
    }
}

extension ControlLogVerification {
    /// Checks that each of these delegations, which the store has, was made last by the control log too: one that ended
    /// does not come back with an old row.
    package static func check(
        delegated: [OrderID], in log: any ControlLog
    ) async throws(ControlLogFailure) {
        guard !delegated.isEmpty else { return }
        var known: Set<OrderID> = []
        do throws(StoreFailure) {
            for entry in try await log.newest(of: [.delegation, .delegationEnd])
            where entry.kind == .delegation {
                if let id = OrderID(entry.subject) { known.insert(id) }
            }
        } catch { throw .unreadable(error.reason) }
        if let missing = delegated.first(where: { !known.contains($0) }) {
            throw .lacksDelegation(missing)
        }
    }
}

/// The reason why a node may permit nothing by its control log.
package enum ControlLogFailure: Error, Sendable, CustomStringConvertible {
    case unreadable(String)
    case notAsWritten(ControlFault)
    case lacksElevation(ElevationID)
    case lacksDelegation(OrderID)

    package var description: String {
        switch self {
        case .unreadable(let reason): "cannot read the control log: \(reason)"
        case .notAsWritten(let fault): "the control log is not as it was written: \(fault)"
        case .lacksElevation(let id):
            "the control log has no entry of the elevation `\(id.text)`, which the store has as granted"
        case .lacksDelegation(let id):
            "the control log has no entry of the delegation `\(id.text)`, which the store has"
        }
    }
}
