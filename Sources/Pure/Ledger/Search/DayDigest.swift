package import InterlockJSON
package import InterlockModel

/// The summary of one day of the log: the record `index.digest`. It proves to the rebuilder of an index that no row was
/// omitted (docs/specs/ledger.md, section 14).
package struct DayDigest: Sendable, Equatable {
    /// The day in UTC, by the clocks of the records.
    package let day: CivilDate
    /// The size of the log at the time; only records below this index were counted.
    package let size: UInt64
    package let counts: [Count]
    /// The SHA-256 of the concatenated leaf hashes in ascending order.
    package let hashes: Digest

    package struct Count: Sendable, Equatable {
        package let type: String
        /// The decision, or an empty string for records without one.
        package let decision: String
        package let count: Int64

        package init(type: String, decision: String, count: Int64) {
            self.type = type
            self.decision = decision
            self.count = count
        }
    }

    /// The maximum number of pairs. Further pairs are combined into one count of type `other`, so that the record fits
    /// a leaf.
    package static let maximumCounts = 64

    /// - Parameter counts: the counts in ascending order of type and decision.
    package init(day: CivilDate, size: UInt64, counts: [Count], hashes: Digest) {
        self.day = day
        self.size = size
        let rest = counts.dropFirst(Self.maximumCounts).reduce(0) { $0 + $1.count }
        self.counts =
            counts.prefix(Self.maximumCounts)
            + (rest > 0 ? [Count(type: "other", decision: "", count: rest)] : [])
        self.hashes = hashes
    }

    package var fields: JSONObject {
        [
            "day": .string(day.text), "size": .integer(Int64(clamping: size)),
            "counts": .array(
                counts.map { count in
                    var pair: JSONObject = [
                        "t": .string(count.type), "n": .integer(count.count),
                    ]
                    if !count.decision.isEmpty { pair["dec"] = .string(count.decision) }
                    return .object(pair)
                }),
            "h": .string(hashes.base64),
        ]
    }

    /// - Returns: nil if the record has another type or form.
    package init?(_ record: StoredRecord) {
        guard record.type == RecordType.indexDigest.rawValue,
            let day = record.text("day").flatMap(CivilDate.init),
            let size = record["size"]?.integer.flatMap({ UInt64(exactly: $0) }),
            let hashes = record.digest("h"), let pairs = record["counts"]?.array,
            pairs.count <= Self.maximumCounts + 1
        else { return nil }
        var counts: [Count] = []
        for pair in pairs {
            guard let type = pair["t"]?.string, let count = pair["n"]?.integer else { return nil }
            counts.append(
                Count(type: type, decision: pair["dec"]?.string ?? "", count: count))
        }
        self.init(day: day, size: size, counts: counts, hashes: hashes)
    }
}
