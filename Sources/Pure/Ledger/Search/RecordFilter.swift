import InterlockJSON
package import InterlockModel

/// The criteria of a search for records; a criterion of nil is not applied. The index narrows the search, and every
/// record that is read again must match, so that a manipulated index cannot show records that were not requested.
package struct RecordFilter: Sendable, Equatable {
    /// The earliest time, by the record's own clock.
    package var since: Timestamp?
    /// The time before which the records must lie.
    package var until: Timestamp?
    /// The agents, any of which matches; an empty set matches no record.
    package var agents: Set<String>?
    package var subject: Pseudonym?
    /// The tool as in the leaf, `server__tool`.
    package var tool: String?
    package var type: String?
    /// The decision: `allow`, `approve` or `deny`.
    package var decision: String?
    package var rule: String?
    /// The code of a refusal, an end or a halt. The index does not contain it, so only the other criteria narrow the
    /// search.
    package var code: String?
    /// The run of the record's chain, or the run that the record is about.
    package var run: String?
    /// Parts of the record's own texts, in any letter case, all of which it must have. The index does not contain them.
    package var words: [String] = []
    /// The types that do not match.
    package var hidden: Set<String> = []

    /// The types of which a log in use has most and people look for least: views of the log, and its ticks.
    package static let views = Set([RecordType.exportMade, .logTick].map(\.rawValue))

    package init() {}

    /// True if the index answers for each criterion.
    package var isIndexed: Bool { code == nil && words.isEmpty }

    /// The filter without the criteria that the index does not answer for.
    package var indexed: RecordFilter {
        var filter = self
        filter.code = nil
        filter.words = []
        return filter
    }

    package func matches(_ record: StoredRecord) -> Bool {
        let time = record["ts"]?.integer ?? 0
        return since.map { time >= $0.microseconds } ?? true
            && until.map { time < $0.microseconds } ?? true
            && agents.map { record.text("agent").map($0.contains) ?? false } ?? true
            && (type == nil || type == record.type) && !hidden.contains(record.type)
            && has(record, "subj", subject?.text) && has(record, "tool", tool)
            && has(record, "dec", decision) && has(record, "rule", rule)
            && has(record, "code", code) && isOfRun(record)
            && words.allSatisfy { Self.has($0, in: record) }
    }

    private static func has(_ word: String, in record: StoredRecord) -> Bool {
        let word = word.lowercased()
        return record.object.members.contains { member in
            switch member.value {
            case .string(let text): text.lowercased().contains(word)
            case .array(let items):
                items.contains { $0.string?.lowercased().contains(word) == true }
            default: false
            }
        }
    }

    /// A record of the run's chain has `run`, another one about the run `ofrun`.
    private func isOfRun(_ record: StoredRecord) -> Bool {
        run == nil || (record.text("run") ?? record.text("ofrun")) == run
    }

    private func has(_ record: StoredRecord, _ field: String, _ wanted: String?) -> Bool {
        wanted == nil || record.text(field) == wanted
    }
}
