package import InterlockCluster
import InterlockJSON
import InterlockLimits
import InterlockModel

/// Units of limits (docs/specs/cluster.md, section 6): what `EscrowNode` asks for.
extension ClusterStore {
    /// Takes units, for each request as many as are free and at most those wanted. All requests are of one incarnation of
    /// this node.
    package func take(
        _ takes: [UnitTake]
    ) async throws(ClusterCallFailure) -> [UnitLeaseID: UnitGrant] {
        guard let first = takes.first else { return [:] }
        let list = try requests(takes, in: first.id.incarnation)
        let row = try await value(.take, [.integer(first.id.incarnation), .text(list)])
        return try Self.grants(row, of: takes)
    }

    /// The JSON of requests.
    func requests(
        _ takes: [UnitTake], in incarnation: Incarnation
    ) throws(ClusterCallFailure) -> String {
        guard takes.count <= UnitStoreLimits.takes, Set(takes.map(\.id)).count == takes.count else {
            throw .unfit("\(takes.count) leases at once")
        }
        var list: [JSONValue] = []
        for take in takes {
            guard take.id.node == node, take.id.incarnation == incarnation,
                let key = take.key.storeText
            else { throw .unfit("units that this node cannot take") }
            list.append([
                "key": .string(key), "span": .integer(take.key.window.seconds),
                "most": .integer(take.most), "want": .integer(take.want), "all": .bool(false),
                "number": .integer(take.id.number), "until": .integer(take.until.microseconds),
                "now": .integer(take.now.microseconds),
            ])
        }
        return String(decoding: JSONValue.array(list).serialized(), as: UTF8.self)
    }

    /// Reads the grants: one for each request, and no other.
    static func grants(
        _ row: RowReader, of takes: [UnitTake]
    ) throws(ClusterCallFailure) -> [UnitLeaseID: UnitGrant] {
        let column = row.function
        var left = takes
        var grants: [UnitLeaseID: UnitGrant] = [:]
        for (place, value) in try row.array(column).enumerated() {
            let element = try ElementReader(
                value, ["key", "number", "want", "units", "free", "asking"],
                at: "\(column)[\(place)]", of: column)
            let number = try element.integer("number", 1...Int64.max)
            let key = try element.made("key", "the key of a limit") { UnitKey(storeText: $0) }
            guard
                let index = left.firstIndex(where: { $0.id.number == number && $0.key == key })
            else { throw element.fault("a lease that was not asked for") }
            let take = left.remove(at: index)
            _ = try element.integer("want", take.want...take.want)
            let most = max(0, take.most)
            let asking = try element.integer("asking", 1...Int64(Int32.max))
            grants[take.id] = UnitGrant(
                units: try element.integer("units", 0...take.want),
                free: try element.integer("free", 0...most), asking: Int(asking))
        }
        guard left.isEmpty else { throw row.fault(column, "\(left.count) leases are missing") }
        return grants
    }

    /// Counts what was used of a lease, and frees what was returned.
    ///
    /// - Returns: false if the store has no such lease (`EscrowRefusal.unknownLease`).
    package func report(_ report: UnitReport) async throws(ClusterCallFailure) -> Bool {
        try check(report.id.node)
        return try await flag(
            .report,
            [
                .integer(report.id.incarnation),
                .integer(report.id.number),
                .integer(report.used),
                .integer(report.returned),
                .flag(report.isEnded),
                .microseconds(report.at),
                .microseconds(report.now),
            ])
    }

    /// Puts back a lease that the store may have lost.
    ///
    /// - Parameter most: the number of the limit.
    package func putBack(
        _ lease: UnitPutBack, most: Int64
    ) async throws(ClusterCallFailure) {
        try check(lease.report.id.node)
        guard let key = lease.key.storeText else { throw .unfit("a limit without a key") }
        try await nothing(
            .putBack,
            [
                .integer(lease.report.id.incarnation),
                .integer(lease.report.id.number),
                .text(key),
                .integer(lease.key.window.seconds),
                .integer(most),
                .integer(lease.granted),
                .microseconds(lease.since),
                .microseconds(lease.until),
                .integer(lease.report.used),
                .integer(lease.report.returned),
                .flag(lease.report.isEnded),
                .microseconds(lease.report.at),
                .microseconds(lease.report.now),
            ])
    }

    /// Says that this node has put back all that it holds in this generation.
    package func finishRestoring(
        in incarnation: Incarnation
    ) async throws(ClusterCallFailure) {
        try await nothing(.restored, [.integer(incarnation)])
    }

    /// Returns the units of a dead incarnation that its log does not show as used.
    package func settle(
        _ settlement: UnitSettlement, in incarnation: Incarnation
    ) async throws(ClusterCallFailure) {
        var used = JSONObject()
        for (key, units) in settlement.used {
            guard let text = key.storeText else { throw .unfit("a limit without a key") }
            used[text] = .integer(units)
        }
        try await nothing(
            .settle,
            [
                .integer(incarnation),
                .text(settlement.node.text),
                .integer(settlement.incarnation),
                .text(String(decoding: used.serialized(), as: UTF8.self)),
                .microseconds(settlement.now),
            ])
    }
}
