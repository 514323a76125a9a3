import InterlockJSON
package import InterlockModel

/// The keys that records `payload.erased` declare destroyed: those of runs, or the whole bucket of a day.
package struct Erasure: Sendable, Hashable {
    package var runs: Set<RunID>
    package var days: Set<CivilDate>

    /// The number of runs that fit into one record of 4,096 bytes.
    package static let runsPerRecord = 100

    package init(runs: Set<RunID> = [], days: Set<CivilDate> = []) {
        self.runs = runs
        self.days = days
    }

    package var isEmpty: Bool { runs.isEmpty && days.isEmpty }

    /// Returns true if the owner's key was erased, alone or with its whole day.
    package func covers(_ owner: PayloadOwner) -> Bool {
        if days.contains(owner.day) { return true }
        guard case .run(let run) = owner else { return false }
        return runs.contains(run)
    }

    /// Adds the erasures of the record; ignores records of other types.
    package mutating func add(_ record: StoredRecord) {
        guard record.type == RecordType.payloadErased.rawValue else { return }
        runs.formUnion((record["runs"]?.array ?? []).compactMap { $0.string.flatMap { RunID($0) } })
        if let day = record.text("bucket").flatMap({ CivilDate($0) }) { days.insert(day) }
    }
}
