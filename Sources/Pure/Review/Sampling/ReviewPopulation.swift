import InterlockJSON
package import InterlockLedger
package import InterlockModel
import InterlockTrust

/// Follows a log record by record and keeps the records of each stratum with the smallest ranks, so that memory is bounded
/// by the sizes of the strata and by the runs and calls that are open.
///
/// A call is represented by its `call.intent`, and a call that was refused without one by its `call.denied`. Its stratum
/// follows from the records up to its end, or to the checkpoint: docs/governance-review.md has the rules.
package struct ReviewPopulation: Sendable {
    private let scope: ReviewScope
    private let period: ReviewPeriod
    private let ranking: SampleRanking
    private let senders: Set<ExactText>
    private let senderList: [ToolAddress]
    /// The agents in scope, by name.
    private var agents: [ExactText: Followed] = [:]
    private var runs: [ExactText: OpenRun] = [:]
    /// The index that the next record must have; nil before the first one.
    private var next: UInt64?
    private var isFirst = true
    private var fault: SampleFault?

    private struct Followed {
        let agent: SampledAgent
        var strata: [ReviewStratum: SmallestRanks] = [:]
        /// The end of the exceptions from the change gate and of the stage that people permitted.
        var excepted: Timestamp?
    }

    /// - Parameters:
    ///   - seed: that of the checkpoint at which the records end.
    ///   - agents: the agents in scope, with tier and stage. Another one, which is in the log only, counts as one of tier high
    ///     at stage 2.
    ///   - senders: the tools that send data out, whose calls are consequential whatever their class.
    package init(
        scope: ReviewScope, period: ReviewPeriod, seed: SampleSeed, agents: [SampledAgent],
        senders: Set<ToolAddress>, hashing: any Hashing
    ) {
        self.scope = scope
        self.period = period
        ranking = SampleRanking(seed, hashing)
        senderList = senders.sorted()
        self.senders = Set(senders.map { ExactText($0.wireName) })
        for agent in agents where scope.agent.map({ $0 == agent.name }) ?? true {
            self.agents[ExactText(agent.name.text)] = Followed(agent: agent)
        }
    }

    /// Takes the next record. Records of before the period are needed as well: calls and approvals began there.
    ///
    /// - Returns: the type of the record, if a review reads such records.
    @discardableResult
    package mutating func add(_ leaf: Leaf, index: UInt64) -> RecordType? {
        guard expect(index) else { return nil }
        guard let record = RecordMembers(leaf) else {
            fault = .malformed(index)
            return nil
        }
        take(record, leaf.hash, index)
        return record.type
    }

    /// The same for a record that was parsed before.
    package mutating func add(_ record: StoredRecord, hash: Digest, index: UInt64) {
        guard expect(index) else { return }
        guard let record = RecordMembers(record) else {
            fault = .malformed(index)
            return
        }
        take(record, hash, index)
    }

    /// The sample of the records so far. Calls that are open count as of unknown outcome.
    ///
    /// - Parameter random: the random bytes of the seed.
    /// - Throws: the reason why the records are not all of those below the checkpoint.
    package func sample(
        checkpoint: SampleCheckpoint, random: [UInt8]
    ) throws(SampleFault) -> ReviewSample {
        try draw(checkpoint: checkpoint, random: random).sample
    }

    /// The sample, with the approvals of its records (without spares) by who gave them.
    package func draw(
        checkpoint: SampleCheckpoint, random: [UInt8]
    ) throws(SampleFault) -> (sample: ReviewSample, approvals: [Pseudonym: Int]) {
        if let fault { throw fault }
        guard (next ?? 0) == checkpoint.size else {
            throw .incomplete(records: next ?? 0, checkpoint: checkpoint.size)
        }
        var whole = self
        for run in Array(whole.runs.keys) { whole.end(run) }
        let followed = whole.agents.values.sorted { $0.agent.name < $1.agent.name }
        var strata: [StratumSample] = []
        var approvals: [Pseudonym: Int] = [:]
        for one in followed {
            for stratum in ReviewStratum.allCases {
                let calls = one.strata[stratum]?.calls ?? []
                let sample = Self.sample(stratum, of: one.agent, one.strata[stratum], calls)
                strata.append(sample)
                for call in calls.prefix(sample.size.limit) {
                    for approver in call.approvers { approvals[approver, default: 0] += 1 }
                }
            }
        }
        let sample = ReviewSample(
            scope: scope, period: period, checkpoint: checkpoint, random: random,
            senders: senderList, agents: followed.map(\.agent), strata: strata)
        return (sample, approvals)
    }

    private static func sample(
        _ stratum: ReviewStratum, of agent: SampledAgent, _ ranks: SmallestRanks?,
        _ calls: [RankedCall]
    ) -> StratumSample {
        let size = stratum.size(tier: agent.tier, stage: agent.stage)
        let records = calls.map(\.record)
        return StratumSample(
            agent: agent.name, stratum: stratum, population: ranks?.count ?? 0, size: size,
            records: Array(records.prefix(size.limit)),
            spares: Array(records.dropFirst(size.limit)))
    }

    /// - Returns: false if the records are not those that follow, and nothing is counted any more.
    private mutating func expect(_ index: UInt64) -> Bool {
        guard fault == nil else { return false }
        if let next, next != index {
            fault = .gap(before: index)
            return false
        }
        next = index + 1
        return true
    }
}

/// The reason why no sample can be drawn.
package enum SampleFault: Error, Sendable, Hashable {
    /// This version cannot read the record at this index.
    case malformed(UInt64)
    /// The records before this index are missing.
    case gap(before: UInt64)
    case incomplete(records: UInt64, checkpoint: UInt64)
    /// The first record that is left is this one, which is of after the start of the period.
    case tooLate(UInt64)

    package var text: String {
        switch self {
        case .malformed(let index): "record \(index) is in no canonical form"
        case .gap(let index): "the records before \(index) are missing"
        case .incomplete(let records, let size):
            "the records end at \(records), and the checkpoint is of \(size)"
        case .tooLate(let index):
            "the records before \(index) were pruned, and the period begins earlier"
        }
    }
}

/// A run that has not ended, with what the strata of its calls follow from.
private struct OpenRun {
    struct Call {
        let agent: ExactText
        let record: SampledRecord
        let isConsequential: Bool
        var isApproved = false
        var approvers: [Pseudonym] = []
        /// True if it is of the stratum `always`, however it ends.
        var isAlways = false
    }

    /// A request for approval.
    struct Request {
        /// The intent of the call that asked; nil for a probe.
        var intent: Digest?
        var isBreakGlass = false
        /// True if a person granted it after the run had read untrusted content.
        var isTainted = false
        /// True if a person granted it, and not a client's word alone.
        var isByPerson = false
        /// The people who granted it, each once.
        var people: [Pseudonym] = []
    }

    /// 1 or 2 if the run has read content that outsiders can write.
    var level: Int64 = 0
    /// The open calls by the leaf hashes of their intents.
    var calls: [Digest: Call] = [:]
    var requests: [ExactText: Request] = [:]
}

// The records of runs.
extension ReviewPopulation {
    private mutating func take(_ record: RecordMembers, _ hash: Digest, _ index: UInt64) {
        // Calls of the period may have begun in the records that are not here any more.
        if isFirst, index > 0, record.time > period.start { fault = .tooLate(index) }
        isFirst = false
        switch record.type {
        case .callIntent: begin(record, hash, index)
        case .callOutcome, .callUnknown: close(record)
        case .callDenied: deny(record, hash, index)
        case .runTainted: raise(record)
        case .approvalRequested, .approvalReissued, .approvalBreakGlass, .approvalGranted,
            .approvalUsed, .approvalDenied, .approvalExpired, .approvalWithdrawn, .approvalVoid:
            approval(record)
        case .evalExcepted, .trustExcepted: except(record)
        case .runEnd:
            if let run = record.text("run") { end(ExactText(run)) }
        default: break
        }
    }

    /// The name of the record's agent if it is in scope.
    private mutating func agent(_ record: RecordMembers) -> ExactText? {
        guard let text = record.text("agent") else { return nil }
        let name = ExactText(text)
        if agents[name] != nil { return name }
        // Canaries of drills and self-tests are the program's own.
        guard scope == .org, let agent = AgentName(text), !agent.isCanary else { return nil }
        agents[name] = Followed(agent: SampledAgent(name: agent, tier: .high, stage: .bounded))
        return name
    }

    private mutating func begin(_ record: RecordMembers, _ hash: Digest, _ index: UInt64) {
        guard let agent = agent(record), let run = record.text("run") else { return }
        let isConsequential = isConsequential(record)
        let isExcepted = agents[agent]?.excepted.map { record.time < $0 } ?? false
        runs[ExactText(run), default: OpenRun()].calls[hash] = OpenRun.Call(
            agent: agent,
            record: SampledRecord(leaf: hash, index: index, time: record.time),
            isConsequential: isConsequential, isAlways: isExcepted && isConsequential)
    }

    private func isConsequential(_ record: RecordMembers) -> Bool {
        guard record.text("risk").map({ sameBytes($0, ToolClass.read.rawValue) }) ?? false else {
            return true
        }
        return record.text("tool").map { senders.contains(ExactText($0)) } ?? true
    }

    private mutating func close(_ record: RecordMembers) {
        guard agent(record) != nil, let run = record.text("run").map({ ExactText($0) }) else {
            return
        }
        var open = runs.removeValue(forKey: run) ?? OpenRun()
        // The level of an end after a crash is not known, so it counts as the highest.
        let level = record.integer("tl") ?? (record.type == .callUnknown ? 2 : 0)
        open.level = max(open.level, level)
        let closed = record.digest("intent").flatMap { open.calls.removeValue(forKey: $0) }
        runs[run] = open
        guard let call = closed else { return }
        if call.isAlways || record.type == .callUnknown {
            count(call, in: .always)
        } else if !call.isConsequential {
            count(call, in: .read)
        } else {
            count(call, in: call.isApproved ? .approved : .unattended)
        }
    }

    private mutating func deny(_ record: RecordMembers, _ hash: Digest, _ index: UInt64) {
        if let run = record.text("run").map({ ExactText($0) }),
            let intent = record.digest("intent"),
            let call = runs[run]?.calls.removeValue(forKey: intent)
        {
            let level = max(runs[run]?.level ?? 0, record.integer("tl") ?? 0)
            runs[run]?.level = level
            count(call, in: call.isAlways ? .always : .denied)
            return
        }
        // A refusal whose intent is not known here is a record of the population by itself.
        guard let agent = agent(record) else { return }
        count(
            OpenRun.Call(
                agent: agent,
                record: SampledRecord(leaf: hash, index: index, time: record.time),
                isConsequential: true),
            in: .denied)
    }

    private mutating func raise(_ record: RecordMembers) {
        guard agent(record) != nil, let run = record.text("run") else { return }
        let level = record.integer("tl") ?? 2
        runs[ExactText(run), default: OpenRun()].level = max(
            runs[ExactText(run)]?.level ?? 0, level)
    }

    private mutating func approval(_ record: RecordMembers) {
        guard agent(record) != nil, let run = record.text("run").map({ ExactText($0) }),
            let request = record.text("appr").map({ ExactText($0) })
        else { return }
        var open = runs.removeValue(forKey: run) ?? OpenRun()
        open.take(record, request)
        runs[run] = open
    }

    private mutating func except(_ record: RecordMembers) {
        guard record.text("code") == nil, let agent = agent(record),
            let until = record.integer("until")
        else { return }
        let end = Timestamp(microseconds: until)
        let earlier = agents[agent]?.excepted
        agents[agent]?.excepted = max(earlier ?? end, end)
    }

    /// No record of the run follows: what is open has an unknown outcome.
    private mutating func end(_ run: ExactText) {
        guard let open = runs.removeValue(forKey: run) else { return }
        for call in open.calls.values { count(call, in: .always) }
    }

    private mutating func count(_ call: OpenRun.Call, in stratum: ReviewStratum) {
        guard period.contains(call.record.time), let agent = agents[call.agent]?.agent else {
            return
        }
        let size = stratum.size(tier: agent.tier, stage: agent.stage)
        let rank = ranking.rank(of: call.record.leaf)
        agents[call.agent]?.strata[
            stratum, default: SmallestRanks(capacity: size.limit + size.spares)
        ].add(
            RankedCall(record: call.record, approvers: call.approvers),
            rank: rank)
    }
}

extension OpenRun {
    fileprivate mutating func take(_ record: RecordMembers, _ request: ExactText) {
        switch record.type {
        case .approvalRequested:
            requests[request, default: Request()].intent = record.digest("intent")
        case .approvalReissued:
            // The votes before it are void.
            requests[request, default: Request()].isByPerson = false
            requests[request, default: Request()].people = []
            requests[request, default: Request()].isTainted = false
        case .approvalBreakGlass:
            requests[request, default: Request()].isBreakGlass = true
            if let intent = requests[request]?.intent { calls[intent]?.isAlways = true }
        case .approvalGranted:
            requests[request, default: Request()].isTainted =
                level > 0 || requests[request]?.isTainted ?? false
            if record.text("via").map({ !sameBytes($0, "client") }) ?? true {
                requests[request, default: Request()].isByPerson = true
                let person = record.text("by").flatMap { Pseudonym(written: $0) }
                if let person, requests[request]?.people.contains(person) == false {
                    requests[request]?.people.append(person)
                }
            }
        case .approvalUsed:
            guard let intent = record.digest("intent") else { return }
            // A grant whose request is not here may have been given in a tainted run.
            let grant = requests[request]
            calls[intent]?.isApproved = grant?.isByPerson ?? true
            calls[intent]?.approvers = grant?.people ?? []
            if grant.map({ $0.isBreakGlass || $0.isTainted }) ?? true {
                calls[intent]?.isAlways = true
            }
        default: requests[request] = nil
        }
    }
}
