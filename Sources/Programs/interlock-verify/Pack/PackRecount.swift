/// Counts again, in one pass over each log, what the controls of an evidence pack state.
struct PackRecount {
    /// The records that have all of these values, each as written.
    private struct Filter {
        let values: [(name: [UInt8], value: [UInt8])]
        var count: UInt64 = 0
    }

    private let population: PackPopulation
    private let seed: Digest
    /// The choices of samples by control, and the queries that lead to each type of record.
    private var choices: [Octets: PackChoice] = [:]
    private var queries: [String: [(control: Octets, query: PackQuery)]] = [:]
    /// The runs of evals and canaries, and the halts of drills, whose records are counted apart.
    private var runsApart: Set<RecordID> = []
    private var drills: Set<Octets> = []
    private var origin = Octets("")
    private var filters: [Filter] = []
    /// The positions of the filters that demand a type, by that type, and of the others.
    private var byType: [String: [Int]] = [:]
    private var ofAnyType: [Int] = []
    private var joins = PackJoins()
    /// The logs that were counted.
    private(set) var origins: Set<Octets> = []
    /// The first record at or after the end of the period in the first log, from the start of the period on.
    private(set) var firstAfter: UInt64?
    /// True if entries that belong to the period are absent.
    private(set) var isPartial = false
    /// The keys that the logs list.
    private(set) var listed: Set<PackSigner> = []
    /// The credentials that they enrol for people.
    private(set) var enrolled: Set<PackSigner> = []

    /// - Parameter samples: the most samples of a control.
    init(_ population: PackPopulation, seed: Digest, samples: Int) {
        self.population = population
        self.seed = seed
        for (control, all) in PackQuery.all {
            choices[control] = PackChoice(limit: samples)
            for query in all { queries[query.type, default: []].append((control, query)) }
        }
    }

    /// Returns the records that are the samples of a control, those of the smallest codes first.
    func samples(of control: Octets) -> [Digest] { choices[control]?.leaves ?? [] }

    /// - Returns: the name by which `count(_:)` returns the count.
    mutating func add(_ values: [(name: Octets, value: [UInt8])]) -> Int {
        let place = filters.count
        filters.append(Filter(values: values.map { ($0.name.bytes, $0.value) }))
        if let type = PackControl.Count.recordType(in: values) {
            byType[type.description, default: []].append(place)
        } else {
            ofAnyType.append(place)
        }
        return place
    }

    func count(_ place: Int) -> UInt64 { filters[place].count }

    /// Returns what a named rule found, or nil if there is no rule of this name.
    func found(by rule: Octets) -> UInt64? { joins.found(by: rule) }

    mutating func begin(_ origin: Octets) {
        self.origin = origin
        origins.insert(origin)
        joins.begin()
    }

    mutating func addPruned(at index: UInt64) {
        if population.covers(index, of: origin) { isPartial = true }
    }

    mutating func add(_ record: Record, hash: Digest, at index: UInt64) {
        addKey(record)
        if firstAfter == nil, population.isAfter(record, at: index, of: origin) {
            firstAfter = index
        }
        let isCounted = !isApart(record) && population.contains(record, at: index, of: origin)
        joins.add(record, hash: hash, isCounted: isCounted)
        guard isCounted else { return }
        for place in byType[record.type] ?? [] { match(record, place) }
        for place in ofAnyType { match(record, place) }
        choose(record, hash)
    }

    /// Returns whether the record is of an eval, a drill or a self-test.
    private mutating func isApart(_ record: Record) -> Bool {
        let fields = record.fields
        if record.type == "run.start", let run = record.run,
            fields.text("kind") == Octets("eval") || PackPopulation.namesCanary(record)
        {
            runsApart.insert(run)
        }
        if record.run.map({ runsApart.contains($0) }) ?? false { return true }
        switch record.type {
        case "policy.loaded": return fields.text("why") == Octets("drill")
        case "kill.requested" where fields.text("scope") == Octets("drill"):
            if let order = fields.text("req") { drills.insert(order) }
            return true
        case "kill.effective": return fields.text("req").map { drills.contains($0) } ?? false
        default: return false
        }
    }

    private mutating func choose(_ record: Record, _ hash: Digest) {
        guard let all = queries[record.type] else { return }
        var code: Digest?
        for (control, query) in all where query.holds(record) {
            let known = code ?? Crypto.hmac(hash.bytes, key: seed)
            code = known
            choices[control]?.add(hash, code: known, isRefusal: query.isRefusal)
        }
    }

    private mutating func match(_ record: Record, _ place: Int) {
        let values = filters[place].values
        guard values.allSatisfy({ record.fields.has($0.name, $0.value) }) else { return }
        filters[place].count += 1
    }

    private mutating func addKey(_ record: Record) {
        if record.type == "key.listed" {
            let vkey = record.fields.text("vkey").flatMap { VerifierKey($0.bytes) }
            if let vkey { listed.insert(PackSigner(key: vkey.key)) }
        } else if let signer = PackSigner(enrolledBy: record) {
            enrolled.insert(signer)
        }
    }
}

/// The counts that no single record shows, by the names of docs/evidence.md.
struct PackJoins {
    /// The intents that people must approve, and whether an approval was used for each.
    private var approvals: [Digest: Bool] = [:]
    private var outcomesWithoutUse: UInt64 = 0
    private var open: Set<Digest> = []
    private var outcomesWithoutIntent: UInt64 = 0

    func found(by rule: Octets) -> UInt64? {
        switch rule {
        case Octets("outcome-without-approval-used"): outcomesWithoutUse
        case Octets("outcome-without-intent"): outcomesWithoutIntent
        default: nil
        }
    }

    mutating func begin() {
        approvals = [:]
        open = []
    }

    mutating func add(_ record: Record, hash: Digest, isCounted: Bool) {
        switch record.type {
        case "call.intent":
            open.insert(hash)
            if record.fields.text("dec") == Octets("approve") { approvals[hash] = false }
        case "approval.used":
            if let intent = record.fields.digest("intent"), approvals[intent] != nil {
                approvals[intent] = true
            }
        case "call.outcome", "call.unknown", "call.denied":
            guard !record.isLate, let intent = record.fields.digest("intent") else { return }
            let isUsed = approvals.removeValue(forKey: intent)
            let isKnown = open.remove(intent) != nil
            guard isCounted, record.type != "call.denied" else { return }
            if isUsed == false { outcomesWithoutUse += 1 }
            if !isKnown { outcomesWithoutIntent += 1 }
        default: break
        }
    }
}
