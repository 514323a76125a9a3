import InterlockJSON
package import InterlockLedger
package import InterlockModel

/// Counts the records of a period and draws the samples, in one pass over the log (docs/evidence.md).
package struct EvidenceCounter: Sendable {
    /// Returns the code of a leaf hash under the seed: its HMAC-SHA256.
    package typealias Code = @Sendable (Digest) -> Digest

    private struct SampleSource: Sendable {
        let control: ControlID
        let kind: SampleKind
    }

    private let population: EvidencePopulation
    private let code: Code
    private var counts: [LeafQuery: Int] = [:]
    private let queries: [ExactText: [LeafQuery]]
    private var choices: [ControlID: SampleChoice]
    private let sources: [ExactText: [SampleSource]]
    private var joins = RecordJoins()
    private var apart = RecordsApart()
    /// The records of runs of evals, which are in no count.
    package private(set) var ofEvals = 0
    /// The records of the population.
    package private(set) var size = 0
    /// The first record at or after the end of the period, from the start of the period on.
    package private(set) var firstAfter: UInt64?

    /// - Parameter samples: the most samples of a control.
    package init(_ population: EvidencePopulation, samples: Int, code: @escaping Code) {
        self.population = population
        self.code = code
        var queries: [ExactText: [LeafQuery]] = [:]
        var sources: [ExactText: [SampleSource]] = [:]
        var choices: [ControlID: SampleChoice] = [:]
        for control in EvidenceControl.all {
            choices[control.id] = SampleChoice(limit: samples)
            for query in control.queries
            where !queries[query.type, default: []].contains(query) {
                queries[query.type, default: []].append(query)
            }
            for kind in control.samples {
                sources[kind.query.type, default: []].append(
                    SampleSource(control: control.id, kind: kind))
            }
        }
        self.queries = queries
        self.sources = sources
        self.choices = choices
    }

    /// Adds the next record of the log. All records of the log are passed, in their order.
    ///
    /// - Returns: true if the record is of the population.
    @discardableResult
    package mutating func add(_ record: StoredRecord, _ leaf: Digest, at index: UInt64) -> Bool {
        if firstAfter == nil, index >= population.start, let time = record.time,
            time >= population.to
        {
            firstAfter = index
        }
        let isApart = apart.add(record)
        let isOfPeriod = population.contains(record, at: index)
        if isOfPeriod, apart.isEval(record) { ofEvals += 1 }
        let isCounted = isOfPeriod && !isApart
        joins.add(record, leaf, isCounted: isCounted)
        guard isCounted else { return false }
        size += 1
        for query in queries[record.type] ?? [] where query.holds(record) {
            counts[query, default: 0] += 1
        }
        draw(record, leaf, at: index)
        return true
    }

    package func count(_ query: LeafQuery) -> Int { counts[query] ?? 0 }

    package func count(_ check: RecordCheck) -> Int { joins.count(check) }

    package func samples(of control: ControlID) -> [EvidenceSample] {
        choices[control]?.samples ?? []
    }

    private mutating func draw(_ record: StoredRecord, _ leaf: Digest, at index: UInt64) {
        guard let all = sources[record.type] else { return }
        var known: Digest?
        for source in all where source.kind.query.holds(record) {
            let code = known ?? self.code(leaf)
            known = code
            choices[source.control]?.add(
                EvidenceSample(index: index, leaf: leaf, kind: source.kind.name), code: code,
                side: source.kind.side)
        }
    }
}

/// The counts that no single record shows.
struct RecordJoins: Sendable {
    /// The intents that people must approve, and whether an approval was used for each.
    private var approvals: [Digest: Bool] = [:]
    private var open: Set<Digest> = []
    private var withoutUse = 0
    private var withoutIntent = 0

    func count(_ check: RecordCheck) -> Int {
        switch check {
        case .outcomeWithoutApprovalUsed: withoutUse
        case .outcomeWithoutIntent: withoutIntent
        }
    }

    mutating func add(_ record: StoredRecord, _ leaf: Digest, isCounted: Bool) {
        guard let type = RecordType(rawValue: record.type) else { return }
        switch type {
        case .callIntent:
            open.insert(leaf)
            if record.text("dec").map({ sameBytes($0, "approve") }) ?? false {
                approvals[leaf] = false
            }
        case .approvalUsed:
            if let intent = record.digest("intent"), approvals[intent] != nil {
                approvals[intent] = true
            }
        case .callOutcome, .callUnknown, .callDenied:
            guard record["late"] == nil, let intent = record.digest("intent") else { return }
            let isUsed = approvals.removeValue(forKey: intent)
            let isKnown = open.remove(intent) != nil
            guard isCounted, type != .callDenied else { return }
            if isUsed == false { withoutUse += 1 }
            if !isKnown { withoutIntent += 1 }
        default: break
        }
    }
}
