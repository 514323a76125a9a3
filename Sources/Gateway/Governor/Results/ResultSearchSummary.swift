import InterlockJSON
import InterlockLedger
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
    /// The same values with rules and places, for the report of the call.
    private var values = ReportedFindings()

    /// A search that found nothing.
    init(rules: String) { self.rules = rules }

    /// Counts the answer of a search; one without an answer has no counts.
    ///
    /// - Parameter document: the value that was searched, or nil if places in it say nothing.
    init(rules: String, _ inspection: ResultInspection, in document: JSONValue? = nil) {
        var findings: [ResultFinding] = []
        if case .found(let found, _, _) = inspection { findings = found }
        self = ResultSearchSummary(rules: rules)
            .adding(findings, isUndecodable: inspection.isUndecodable, in: document)
            .adding(marks: inspection.marks)
    }

    /// - Parameter isUndecodable: true if something was not decoded, which counts once.
    init(rules: String, _ findings: [ResultFinding], isUndecodable: Bool = false) {
        self = ResultSearchSummary(rules: rules).adding(findings, isUndecodable: isUndecodable)
    }

    /// - Parameters:
    ///   - isUndecodable: true if something was not decoded, which counts once.
    ///   - document: the value that was searched, or nil if places in it say nothing.
    func adding(
        _ findings: [ResultFinding], isUndecodable: Bool = false, in document: JSONValue? = nil
    ) -> ResultSearchSummary {
        var summary = self
        for finding in findings { summary.counts[finding.secretClass, default: 0] += 1 }
        summary.values.add(findings, in: document)
        if isUndecodable {
            summary.counts[.undecodable, default: 0] += 1
            summary.values.add(SecretClass.undecodable.rawValue)
        }
        return summary
    }

    /// Adds values that are recorded alone.
    func adding(marks: [SecretClass: Int]) -> ResultSearchSummary {
        var summary = self
        for (name, count) in marks.sorted(by: { $0.key < $1.key }) {
            summary.counts[name, default: 0] += Int64(count)
            summary.values.add(name.rawValue, count: Int64(count))
        }
        return summary
    }

    /// Adds the findings of another search by the same rules.
    func adding(_ other: ResultSearchSummary?) -> ResultSearchSummary {
        var summary = self
        for (name, count) in other?.counts ?? [:] { summary.counts[name, default: 0] += count }
        for (kind, count) in other?.markers ?? [:] { summary.markers[kind, default: 0] += count }
        if let other { summary.values.add(other.values) }
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

    /// The findings for the report of the call: markers of injections, and values with rules and places.
    var reported: ReportedFindings {
        var reported = ReportedFindings()
        for kind in DescriptionFinding.Kind.allCases {
            if let count = markers[kind] { reported.add(kind.rawValue, count: count) }
        }
        reported.add(values)
        return reported
    }

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
