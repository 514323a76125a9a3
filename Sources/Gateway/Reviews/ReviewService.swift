package import InterlockAdministration
package import InterlockEvidence
package import InterlockGovernor
package import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPolicy
import InterlockPorts
package import InterlockReview
import InterlockTrust
package import InterlockTrustStages
import Synchronization

/// Starts reviews, takes the marks and signatures of reviewers, and follows what is overdue (docs/specs/trust-and-review.md,
/// sections 7 to 9).
///
/// INVARIANT: nothing of the configuration stops the ladder. Kept by `ReviewLadderTests`.
package final class ReviewService: Sendable {
    let gateway: Gateway
    let registry: ReviewRegistry
    let stages: TrustStageRegistry
    let log: any ReviewLog
    let files: any ReviewFiles
    let sources: Sources
    let walk: Mutex<LadderWalk>
    /// The times at which records were opened and not marked yet.
    private let opened = Mutex<[OpenedRecord: Timestamp]>([:])
    /// The comparison of scopes with their use that people saw last, of each open review.
    private let comparisons = Mutex<[ReviewID: ReviewUse]>([:])
    /// The sample that was read last, with the digest of its file.
    private let sampleRead = Mutex<(digest: Digest, sample: ReviewSample)?>(nil)
    /// The documents that wait for signatures, as of the last look.
    private let unsigned = Mutex<[WaitingReview]>([])
    /// Lets one change of reviews in at a time.
    let changing = AsyncGate()
    /// The scopes of which a sample is being drawn.
    private let starting = AsyncGates<ReviewScope>()

    /// The parts of the gateway that people on pages use.
    package struct Sources: Sendable {
        /// Is nil if no passkey can sign here.
        let passkeys: PeoplePasskeys?
        /// Is nil if nothing here compares scopes with their use; no review can be signed on a page then.
        let use: (any ReviewUseReader)?
        /// Is nil if the looks of people at the log are not limited here.
        let looks: LogAccessLimiter?

        package init(
            passkeys: PeoplePasskeys? = nil, use: (any ReviewUseReader)? = nil,
            looks: LogAccessLimiter? = nil
        ) {
            self.passkeys = passkeys
            self.use = use
            self.looks = looks
        }
    }

    static let sampleEnd = ".sample"
    static let factsEnd = ".facts"
    static let documentEnd = ".dsse"
    /// The most records that are open at a time.
    private static let mostOpened = 10_000

    struct OpenedRecord: Hashable {
        let review: ReviewID
        let leaf: Digest
        let by: Pseudonym
    }

    package init(
        gateway: Gateway, registry: ReviewRegistry, stages: TrustStageRegistry,
        log: any ReviewLog, files: any ReviewFiles, sources: Sources = Sources()
    ) {
        self.gateway = gateway
        self.registry = registry
        self.stages = stages
        self.log = log
        self.files = files
        self.sources = sources
        walk = Mutex(LadderWalk(latest: registry.now()))
    }

    /// Draws a sample and starts a review with it. Sample and facts are durable before the record, and the record before
    /// the entry: if the process dies between two steps, the review has not begun, and can be started again.
    ///
    /// The wait for a checkpoint takes up to a beat of the log, and holds no other change of reviews up.
    ///
    /// - Throws: `noSuchAgent`; `otherState` if another review of the scope is open or being started, if `checkPeriod` refuses
    ///   the period, or if the policy or a stage changed while the sample was drawn; `notRead` if the log cannot be read.
    package func start(
        _ scope: ReviewScope, _ period: ReviewPeriod, by: Pseudonym
    ) async throws(Problem) -> JSONValue {
        guard starting.tryEnter(scope) else {
            throw Problem(
                .otherState,
                "a review of \(scope.text) is being started: a sample is drawn once")
        }
        defer { starting.leave(scope) }
        let now = registry.now()
        let policy = gateway.policy.snapshot
        try await checkStart(of: scope, period, at: now)
        let random = gateway.ports.entropy.bytes(SampleSeed.randomCount)
        let request = try request(of: scope, period, policy, random)
        let id = ReviewID(milliseconds: now.milliseconds, random: gateway.ports.entropy.bytes(10))
        // The record of it is one of after the period, so that a checkpoint follows.
        try await noteAccess(id, .query, count: 0, by)
        let drawn = try await log.draw(request)
        let (bytes, facts) = (try canonical(drawn.sample), try drawn.facts())
        let review = OpenReview(
            id: id, scope: scope, period: period, checkpoint: drawn.sample.checkpoint,
            sample: registry.hashing.sha256(bytes), facts: registry.hashing.sha256(facts),
            started: now, by: by)
        await changing.enter()
        defer { changing.leave() }
        try await checkStart(of: scope, period, at: now)
        let fresh = gateway.policy.snapshot
        guard fresh.digest == policy.digest, try sampled(scope, fresh) == request.agents else {
            throw Problem(
                .otherState,
                "the policy or a stage changed while the sample was drawn; start it again")
        }
        try await write(bytes, id.text + Self.sampleEnd)
        try await write(facts, id.text + Self.factsEnd)
        // One that was open for too long gives way, with its document.
        if let old = registry.open(of: scope) { try await discardDocument(of: old, by: by) }
        _ = try await record(.reviewStarted, fields(of: review, drawn.sample, policy, random))
        do throws(ReviewStoreFailure) { try await registry.keep(review) } catch {
            throw Problem(error)
        }
        return summary(review, drawn.sample)
    }

    /// Refuses a review that cannot be started now.
    private func checkStart(
        of scope: ReviewScope, _ period: ReviewPeriod, at now: Timestamp
    ) async throws(Problem) {
        if let open = registry.open(of: scope), now - open.started < OpenReview.longest {
            throw Problem(
                .otherState,
                "review `\(open.id.text)` of \(scope.text) is open: a sample is drawn once",
                help: "interlock review sample \(open.id.text)")
        }
        try await checkPeriod(period, of: scope, at: now)
    }

    private func request(
        of scope: ReviewScope, _ period: ReviewPeriod, _ policy: PolicySnapshot, _ random: [UInt8]
    ) throws(Problem) -> SampleRequest {
        SampleRequest(
            scope: scope, period: period, agents: try sampled(scope, policy),
            senders: senders(of: policy),
            servers: scope.agent.map { agent in
                Set(policy.scopedTools(of: agent).map(\.server))
            }, random: random)
    }

    /// The agents of a scope with tier and stage, by name.
    private func sampled(
        _ scope: ReviewScope, _ policy: PolicySnapshot
    ) throws(Problem) -> [SampledAgent] {
        var entries = policy.agents.values.sorted { $0.name < $1.name }
        if let agent = scope.agent {
            guard let entry = policy.agents[agent] else {
                throw Problem(.noSuchAgent, "the policy has no agent `\(agent.text)`")
            }
            entries = [entry]
        }
        return entries.map {
            SampledAgent(name: $0.name, tier: $0.tier, stage: stages.status(of: $0.name).stage)
        }
    }

    private func senders(of policy: PolicySnapshot) -> Set<ToolAddress> {
        var found: Set<ToolAddress> = []
        for (server, entry) in policy.servers {
            for (tool, spec) in entry.tools where spec.flow.sends {
                found.insert(ToolAddress(server: server, tool: tool))
            }
        }
        return found
    }

    private func fields(
        of review: OpenReview, _ sample: ReviewSample, _ policy: PolicySnapshot, _ random: [UInt8]
    ) throws(Problem) -> (fields: JSONObject, payloads: [(field: String, plaintext: [UInt8])]) {
        var fields: JSONObject = [
            "rvw": .string(review.id.text), "from": .integer(review.period.start.microseconds),
            "to": .integer(review.period.end.microseconds),
            "size": .integer(Int64(clamping: review.checkpoint.size)),
            "h": .string(review.checkpoint.root.base64), "rand": .string(Base64.encode(random)),
            "cnt": .integer(Int64(sample.strata.reduce(0) { $0 + $1.records.count })),
            "digest": .string(review.sample.base64), "pol": .string(policy.digest.base64),
            "by": .string(review.by.text),
        ]
        fields["agent"] = review.scope.agent.map { .string($0.text) }
        let setup: JSONValue = [
            "agents": .array(
                sample.agents.map { agent -> JSONValue in
                    [
                        "name": .string(agent.name.text),
                        "stage": .integer(Int64(agent.stage.rawValue)),
                        "tier": .string(agent.tier.rawValue),
                    ]
                }),
            "senders": .array(sample.senders.map { .string($0.wireName) }),
        ]
        return (fields, [("setup", setup.serialized())])
    }

    /// Makes a record, and appends it as `append` says.
    func record(
        _ type: RecordType,
        _ content: (fields: JSONObject, payloads: [(field: String, plaintext: [UInt8])])
    ) async throws(Problem) -> Digest {
        try await append(
            gateway.records.record(
                type, run: nil, fields: content.fields, sealing: content.payloads))
    }

    /// Appends a record, and returns its leaf hash.
    func append(_ draft: RecordDraft) async throws(Problem) -> Digest {
        do throws(LedgerRefusal) { return try await gateway.ledger.append(draft).leafHash } catch {
            throw Problem(
                .notRecorded, "it cannot be recorded, so it does not count (\(error.code))")
        }
    }

    private func canonical(_ sample: ReviewSample) throws(Problem) -> [UInt8] {
        do throws(FormError) { return try sample.canonical() } catch { throw Problem(error) }
    }
}

// The files of a review, which are compared with the digests in its entry.
extension ReviewService {
    func write(_ bytes: [UInt8], _ name: String) async throws(Problem) {
        do throws(StoreFailure) { try await files.write(bytes, as: name) } catch {
            throw Problem(.notRecorded, "the store did not take it: \(error.reason)")
        }
    }

    func read(_ name: String) async throws(Problem) -> [UInt8]? {
        do throws(StoreFailure) { return try await files.read(name) } catch {
            throw Problem(.notRead, "the review cannot be read: \(error.reason)")
        }
    }

    func open(_ id: ReviewID) throws(Problem) -> OpenReview {
        guard let review = registry.open(id) else {
            throw Problem(
                .noSuchOrder, "there is no open review `\(id.text)`",
                help: "interlock review status")
        }
        return review
    }

    /// Reads both files of an open review.
    ///
    /// - Throws: `notRead` if one of them is not as it was written.
    func drawn(_ review: OpenReview) async throws(Problem) -> DrawnReview {
        DrawnReview(
            review: review, sample: try await sample(of: review),
            facts: try await facts(of: review))
    }

    /// - Throws: `notRead` if the file is not as it was written.
    func sample(of review: OpenReview) async throws(Problem) -> ReviewSample {
        try await sample(of: review.id, review.sample)
    }

    /// - Throws: `notRead` if the file does not have this digest.
    func sample(of id: ReviewID, _ digest: Digest) async throws(Problem) -> ReviewSample {
        let bytes = try await read(id.text + Self.sampleEnd)
        guard let bytes, registry.hashing.sha256(bytes) == digest else {
            throw Problem(.notRead, "the sample of the review is not as it was written")
        }
        // The file is compared each time; that of an organisation is long, and is parsed once.
        if let last = sampleRead.withLock({ $0 }), last.digest == digest { return last.sample }
        let sample: ReviewSample
        do throws(FormError) { sample = try ReviewSample(parsing: bytes) } catch {
            throw Problem(.notRead, "the sample of the review is not as it was written: \(error)")
        }
        sampleRead.withLock { $0 = (digest: digest, sample: sample) }
        return sample
    }

    func facts(of review: OpenReview) async throws(Problem) -> SampleFacts {
        let bytes = try await read(review.id.text + Self.factsEnd)
        guard let bytes, registry.hashing.sha256(bytes) == review.facts else {
            throw Problem(.notRead, "the facts of the review are not as they were written")
        }
        do throws(FormError) { return try SampleFacts(parsing: bytes) } catch {
            throw Problem(
                .notRead, "the facts of the review are not as they were written: \(error)")
        }
    }
}

// The documents that wait and the comparisons that people saw, in memory.
extension ReviewService {
    package func waiting() -> [WaitingReview] { unsigned.withLock { $0 } }

    /// Reads the documents that wait for signatures.
    func readWaiting() async {
        guard let keys = registry.keys else { return }
        var found: [WaitingReview] = []
        for review in registry.openReviews {
            guard let document = try? await waiting(of: review) else { continue }
            let signOff = document.signOff
            found.append(
                WaitingReview(
                    id: review.id, scope: review.scope, reviewers: signOff.reviewers,
                    signed: document.signed(among: keys), since: signOff.date,
                    end: signOff.date + Self.validity))
        }
        let read = found
        unsigned.withLock { $0 = read }
    }

    func keep(_ found: ReviewUse, of id: ReviewID) {
        let open = Set(registry.openReviews.map(\.id))
        comparisons.withLock { all in
            all = all.filter { open.contains($0.key) }
            all[id] = found
        }
    }

    func compared(_ id: ReviewID) -> ReviewUse? { comparisons.withLock { $0[id] } }
}

// The records that a reviewer has open.
extension ReviewService {
    func noteOpened(_ record: OpenedRecord, at now: Timestamp) {
        opened.withLock { opened in
            if opened.count >= Self.mostOpened { opened = [:] }
            // The first time counts: opening again does not shorten the reading.
            if opened[record] == nil { opened[record] = now }
        }
    }

    func whenOpened(_ record: OpenedRecord) -> Timestamp? { opened.withLock { $0[record] } }

    func forget(_ record: OpenedRecord) { opened.withLock { $0[record] = nil } }
}

extension Problem {
    init(_ failure: ReviewStoreFailure) {
        switch failure {
        case .store(let reason):
            self.init(.notRecorded, "the store did not take it: \(reason)")
        case .refused(let refusal): self.init(.otherState, refusal.text)
        }
    }
}
