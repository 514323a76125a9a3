package import InterlockModel
package import InterlockPorts
package import InterlockSafety

/// Verifies the whole control log at a start, before anything is permitted, in pages: the memory it takes does not grow
/// with the log.
package enum ControlLogVerification {
    static let page = 256

    /// - Parameter body: receives each entry, in their order, once it is verified.
    /// - Returns: the newest entry.
    package static func verify(
        _ log: any ControlLog, hashing: any Hashing,
        each body: (ControlEntry) throws(ControlLogFailure) -> Void = { _ in }
    ) async throws(ControlLogFailure) -> ControlHead {
        var chain = ControlChain()
        while true {
            let entries: [StoredControlEntry]
            do throws(StoreFailure) {
                entries = try await log.entries(after: chain.head.number, most: page)
            } catch { throw .unreadable(error.reason) }
            if entries.isEmpty { return chain.head }
            for stored in entries {
                let entry: ControlEntry
                do throws(ControlFault) { entry = try chain.take(stored, hashing: hashing) } catch {
                    throw .notAsWritten(error)
                }
                try body(entry)
            }
        }
    }

    /// Checks that each of these elevations, which the store has as granted, was granted last by the control log too.
    package static func check(
        granted: [ElevationID], in log: any ControlLog
    ) async throws(ControlLogFailure) {
        let missing = try await missing(
            granted, made: .elevation, ended: .elevationEnd, in: log
        ) { ElevationID($0) }
        if let missing { throw .lacksElevation(missing) }
    }

    /// Checks that each of these delegations, which the store has, was made last by the control log too: one that ended
    /// does not come back with an old row.
    package static func check(
        delegated: [OrderID], in log: any ControlLog
    ) async throws(ControlLogFailure) {
        let missing = try await missing(
            delegated, made: .delegation, ended: .delegationEnd, in: log
        ) { OrderID($0) }
        if let missing { throw .lacksDelegation(missing) }
    }

    /// Returns the first id whose newest entry of the two kinds is not of the first kind.
    private static func missing<ID: Hashable & Sendable>(
        _ ids: [ID], made: ControlKind, ended: ControlKind, in log: any ControlLog,
        id: @Sendable (String) -> ID?
    ) async throws(ControlLogFailure) -> ID? {
        guard !ids.isEmpty else { return nil }
        let entries: [ControlEntry]
        do throws(StoreFailure) { entries = try await log.newest(of: [made, ended]) } catch {
            throw .unreadable(error.reason)
        }
        let known = Set(entries.filter { $0.kind == made }.compactMap { id($0.subject) })
        return ids.first { !known.contains($0) }
    }
}

/// The reason why a node may permit nothing by its control log.
package enum ControlLogFailure: Error, Sendable, CustomStringConvertible {
    case unreadable(String)
    case notAsWritten(ControlFault)
    case lacksElevation(ElevationID)
    case lacksDelegation(OrderID)
    case foreignCanary(PlantedValueError)
    /// The entry of this number is about evals and has another form.
    case unreadableEval(Int64, FormError)
    /// The entry of this number is a demotion and has another form.
    case unreadableStage(Int64, FormError)
    /// The entry of this number is about a review and has another form.
    case unreadableReview(Int64, FormError)

    package var description: String {
        switch self {
        case .unreadable(let reason): "cannot read the control log: \(reason)"
        case .notAsWritten(let fault): "the control log is not as it was written: \(fault)"
        case .lacksElevation(let id):
            "the control log has no entry of the elevation `\(id.text)`, which the store has as granted"
        case .lacksDelegation(let id):
            "the control log has no entry of the delegation `\(id.text)`, which the store has"
        case .foreignCanary(let error): "\(error)"
        case .unreadableEval(let number, let error):
            "entry \(number) about evals is not as it was written: \(error)"
        case .unreadableStage(let number, let error):
            "entry \(number) about a demotion is not as it was written: \(error)"
        case .unreadableReview(let number, let error):
            "entry \(number) about a review is not as it was written: \(error)"
        }
    }
}
