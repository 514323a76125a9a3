import InterlockJSON

/// Findings of a search, each once by kind, rule and place, with their number. Never has a value that was found.
package struct ReportedFindings: Sendable, Hashable {
    package struct Finding: Sendable, Hashable {
        /// The class of a value, or the kind of a marker, as in `find` but with hyphens.
        package let kind: String
        /// The id of the rule; nil for what is counted by class alone.
        package let rule: String?
        /// The JSON Pointer (RFC 6901) of the text, or of a value around it; at most `longestPlace` bytes. Is nil if it is
        /// not known, or is the whole document.
        package let place: String?
        package fileprivate(set) var count: Int64
    }

    /// The most findings that are listed.
    package static let most = 16
    /// The longest place, in UTF-8 bytes.
    package static let longestPlace = 160
    /// The most findings of one kind, rule and place that a list is read with.
    private static let mostCounted: Int64 = 1 << 40

    package private(set) var listed: [Finding] = []
    /// The number of all findings, also of those that are not listed.
    package private(set) var total: Int64 = 0

    package init() {}

    package var isEmpty: Bool { total == 0 }

    /// The number of findings that are not listed.
    package var more: Int64 { total - listed.reduce(0) { $0 + $1.count } }

    /// True if a finding has more than its class.
    package var hasRules: Bool { listed.contains { $0.rule != nil } }

    /// - Parameter place: a JSON Pointer of at most `longestPlace` bytes.
    package mutating func add(
        _ kind: String, by rule: String? = nil, at place: String? = nil, count: Int64 = 1
    ) {
        total += count
        let known = listed.firstIndex {
            $0.kind == kind && $0.rule == rule && $0.place == place
        }
        if let known {
            listed[known].count += count
        } else if listed.count < Self.most {
            listed.append(Finding(kind: kind, rule: rule, place: place, count: count))
        }
    }

    package mutating func add(_ other: ReportedFindings) {
        for finding in other.listed {
            add(finding.kind, by: finding.rule, at: finding.place, count: finding.count)
        }
        total += other.more
    }

    /// The list `[{"c", "r", "at", "n"}]`; `r` and `at` are absent if they are nil.
    var json: JSONValue {
        .array(
            listed.map { finding in
                var object: JSONObject = ["c": .string(finding.kind)]
                object["r"] = finding.rule.map(JSONValue.string)
                object["at"] = finding.place.map(JSONValue.string)
                object["n"] = .integer(finding.count)
                return .object(object)
            })
    }

    /// - Parameter more: the number of findings that are not listed.
    /// - Returns: nil if the value is no such list.
    init?(json: JSONValue, more: Int64) {
        let counts = 0...Self.mostCounted
        guard let items = json.array, items.count <= Self.most, counts.contains(more) else {
            return nil
        }
        for item in items {
            guard let kind = item["c"]?.string, let count = item["n"]?.integer, count > 0,
                counts.contains(count)
            else { return nil }
            add(kind, by: item["r"]?.string, at: item["at"]?.string, count: count)
        }
        total += more
    }
}
