import InterlockJSON
import InterlockPorts
import InterlockSafety

/// The findings of a search in what a server answered, or in what was about to be sent to it, for the record of the
/// call (docs/specs/output-safety.md, section 8): classes and counts, never a value.
struct ResultSearchSummary: Sendable, Hashable {
    /// The digest of the rules, as in records.
    let rules: String
    private var counts: [SecretClass: Int64] = [:]
    /// Markers of injections by kind; they block nothing.
    private var markers: [DescriptionFinding.Kind: Int64] = [:]

    /// A search that found nothing.
    init(rules: String) { self.rules = rules }

    /// Counts the answer of a search; one without an answer has no counts.
    init(rules: String, _ inspection: ResultInspection) {
        var findings: [ResultFinding] = []
        if case .found(let found, _, _) = inspection { findings = found }
        self = ResultSearchSummary(
            rules: rules, findings, isUndecodable: inspection.isUndecodable
        ).adding(marks: inspection.marks)
    }

    /// - Parameter isUndecodable: true if something was not decoded, which counts once.
    init(rules: String, _ findings: [ResultFinding], isUndecodable: Bool = false) {
        self = ResultSearchSummary(rules: rules).adding(findings, isUndecodable: isUndecodable)
    }

    /// - Parameter isUndecodable: true if something was not decoded, which counts once.
    func adding(_ findings: [ResultFinding], isUndecodable: Bool = false) -> ResultSearchSummary {
        var summary = self
        for finding in findings { summary.counts[finding.secretClass, default: 0] += 1 }
        if isUndecodable { summary.counts[.undecodable, default: 0] += 1 }
        return summary
    }

    /// Adds values that are recorded alone.
    func adding(marks: [SecretClass: Int]) -> ResultSearchSummary {
        var summary = self
        for (name, count) in marks { summary.counts[name, default: 0] += Int64(count) }
        return summary
    }

    /// Adds the findings of another search by the same rules.
    func adding(_ other: ResultSearchSummary?) -> ResultSearchSummary {
        var summary = self
        for (name, count) in other?.counts ?? [:] { summary.counts[name, default: 0] += count }
        for (kind, count) in other?.markers ?? [:] { summary.markers[kind, default: 0] += count }
        return summary
    }

    func adding(_ report: MarkerReport) -> ResultSearchSummary {
        var summary = self
        for (kind, count) in report.counts { summary.markers[kind, default: 0] += count }
        return summary
    }

    /// Takes the markers of texts of which this summary has counted a part.
    func raised(to report: MarkerReport) -> ResultSearchSummary {
        var summary = self
        for (kind, count) in report.counts {
            summary.markers[kind] = max(count, summary.markers[kind] ?? 0)
        }
        return summary
    }

    var isEmpty: Bool { counts.isEmpty && markers.isEmpty }

    /// Its fields in a record.
    var fields: [(key: String, value: JSONValue)] {
        let rules = ("scan", JSONValue.string(rules))
        return isEmpty ? [rules] : [rules, ("find", .object(json))]
    }

    /// The names of the classes of values that were found.
    var classes: [String] { counts.keys.filter { $0 != .undecodable }.sorted().map(\.rawValue) }

    /// The number of findings of each class. Names of members in records have no hyphens.
    var json: JSONObject {
        var object = JSONObject()
        for (name, count) in counts.sorted(by: { $0.key < $1.key }) {
            object[member(name.rawValue)] = .integer(count)
        }
        for kind in DescriptionFinding.Kind.allCases {
            if let count = markers[kind] { object[member(kind.rawValue)] = .integer(count) }
        }
        return object
    }

    private func member(_ name: String) -> String {
        name.split(separator: "-").joined(separator: "_")
    }
}

extension JSONObject {
    /// Adds the fields of a search for secrets; none if there was none, or it failed.
    mutating func add(_ found: ResultSearchSummary?) {
        for (name, value) in found?.fields ?? [] { self[name] = value }
    }
}
