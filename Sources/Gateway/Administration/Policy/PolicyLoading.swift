package import InterlockEvidence
package import InterlockGovernor
import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPolicy
package import InterlockPolicyReview
package import InterlockPorts
import Synchronization

/// The policy with which a node starts.
package struct StartedPolicy: Sendable {
    package let revision: PolicyRevision
    package let verdict: RevisionEvaluator.Verdict
    package let memory: RevisionMemory
    package let key: Digest
    /// True if the policy was in force before the one that was signed off last.
    package let isOlder: Bool
}

/// Makes ready what takes effect with a revision besides its policy, such as its compiled rules.
///
/// - Returns: puts it in force. It cannot fail, does not block and does not ask for the policy.
/// - Throws: the reason why the revision cannot be put in force.
package typealias RevisionPreparation =
    @Sendable (PolicyRevision) throws(RevisionRefusal) -> @Sendable () -> Void

/// A revision that may be put in force: evaluated and kept in the archive, and without effect yet. Between staging and
/// activation other nodes can load it too. Its initializer is private to this file, because three of its members are:
/// only `PolicyLoading.stage` makes one.
struct StagedPolicy: Sendable {
    let revision: PolicyRevision
    let verdict: RevisionEvaluator.Verdict
    /// The memory of signatures under which the verdict was reached.
    let memory: RevisionMemory
    /// The key of the files that were read.
    let key: Digest
    /// Puts in force what belongs to the policy, in the step that swaps it.
    let effect: @Sendable () -> Void
    /// True if the archive had the policy before this process stored it, so that it was in force once. A process that
    /// died between staging and activation leaves true behind: the alert about an older policy is then needless.
    fileprivate let wasInForce: Bool
    fileprivate let number: UInt64
    /// The number of the activation that came before.
    fileprivate let after: UInt64
}

/// The result of an activation, for the caller that swaps the snapshot.
struct ActivatedPolicy: Sendable {
    /// The verdict by the signatures that counted at the activation.
    let verdict: RevisionEvaluator.Verdict
    let memory: RevisionMemory
    /// True if the policy was in force before the one that was signed off last.
    let isOlder: Bool

    fileprivate init(
        verdict: RevisionEvaluator.Verdict, memory: RevisionMemory, isOlder: Bool
    ) {
        self.verdict = verdict
        self.memory = memory
        self.isOlder = isOlder
    }
}

/// Puts a revision in force in two steps: `stage` evaluates and keeps it, `activate` records that it is in force. Only
/// the caller of `activate` may then let it decide.
///
/// What is durable, in this order: the policy itself in the archive (staged), the sign-off in the store, then
/// `policy.loaded` in the log (active). If the process dies at any point, the next start evaluates the files that it
/// finds anew; a revision that was staged and never activated has no effect on it.
///
/// INVARIANT: a revision decides only after it was staged, its signatures verified again, and `policy.loaded` is
/// durable. Kept by `PolicyStagingTests`, `SourceRulesTests`.
package final class PolicyLoading: Sendable {
    private struct Turn {
        /// The numbers of the newest staging and of the newest activation.
        var staged: UInt64 = 0
        var activated: UInt64 = 0
        /// The policies that this process stored first and has not activated: they were never in force.
        var unused: Set<Digest> = []
    }

    let ledger: any Ledger
    private let store: any SignOffStore
    private let archive: any PolicyHistoryStore
    let records: RecordWriter
    let people: AuthorizedKeysHolder
    private let turn = Mutex(Turn())

    package init(
        ledger: any Ledger, store: any SignOffStore, archive: any PolicyHistoryStore,
        records: RecordWriter, people: AuthorizedKeysHolder
    ) {
        self.ledger = ledger
        self.store = store
        self.archive = archive
        self.records = records
        self.people = people
    }

    /// Stages and activates the revision on disk while none is in force yet. The caller's policy holder starts with it.
    package func start(
        _ found: RevisionOnDisk, _ judge: RevisionEvaluator, at now: Timestamp
    ) async throws(RevisionRefusal) -> StartedPolicy {
        let staged = try stage(found, judge, memory: try await memory(), at: now)
        let active = try await activate(
            staged, judge, key: found.key, over: nil, why: PolicyService.Cause.start.rawValue,
            at: now)
        return StartedPolicy(
            revision: staged.revision, verdict: active.verdict, memory: active.memory,
            key: found.key, isOlder: active.isOlder)
    }

    /// Records that a node which has joined a cluster decides by the policy that it began with: the record names the newest
    /// entry that it had applied, at which the policy's revision is in force. Durable on return. `start` writes its record
    /// before the node can join, so that one names no entry.
    package func record(
        _ started: StartedPolicy, at entry: ChainReference
    ) async throws(LedgerRefusal) {
        var draft = draft(
            started.revision, started.verdict, why: PolicyService.Cause.start.rawValue)
        draft.fields.name(entry)
        _ = try await ledger.append(draft)
    }

    /// Evaluates a revision: compiled, tested, compared, its sign-off and its lock verified; then keeps it in the
    /// archive. Durable on return. Nothing else has changed, and no earlier staged revision can be activated any more.
    ///
    /// - Parameters:
    ///   - active: the revision in force, or nil at a start. At a start whose lock alone is not valid, the revision is
    ///     staged without servers.
    ///   - memory: what is remembered of signatures; the same is passed to no other staging until this one has ended.
    ///   - prepare: makes ready what belongs to the revision; not called for one that is refused already.
    /// - Throws: the reason why it cannot be put in force, or that it could not be kept.
    func stage(
        _ found: RevisionOnDisk, _ judge: RevisionEvaluator, over active: PolicyRevision? = nil,
        memory: RevisionMemory, at now: Timestamp, prepare: RevisionPreparation? = nil
    ) throws(RevisionRefusal) -> StagedPolicy {
        let judged = try Self.judged(found, judge, over: active, memory, at: now)
        let effect: @Sendable () -> Void
        if let prepare { effect = try prepare(judged.revision) } else { effect = {} }
        let wasKept = try keep(judged.revision, judged.found.bundle)
        return turn.withLock { turn in
            turn.staged += 1
            let digest = judged.revision.snapshot.digest
            if !wasKept { turn.unused.insert(digest) }
            return StagedPolicy(
                revision: judged.revision, verdict: judged.verdict, memory: memory, key: found.key,
                effect: effect, wasInForce: wasKept && !turn.unused.contains(digest),
                number: turn.staged, after: turn.activated)
        }
    }

    /// Records that a staged revision is in force. Durable on return; the caller swaps the snapshot next, and nothing
    /// may refuse any more. A staged revision has one attempt: after a failure it is staged again.
    ///
    /// - Parameters:
    ///   - key: the key of the files as they are now.
    ///   - old: the lock that was in force, or nil at a start, where only its digest is known.
    /// - Throws: `stale` if what the staging relied on has changed, `notRecorded` if the store or the log failed. The
    ///   caller must not put the revision in force.
    func activate(
        _ staged: StagedPolicy, _ judge: RevisionEvaluator, key: Digest, over old: PolicyLock?,
        why: String, at now: Timestamp
    ) async throws(RevisionRefusal) -> ActivatedPolicy {
        try turn.withLock { turn throws(RevisionRefusal) in
            guard turn.activated == staged.after else { throw .stale(.activated) }
            guard turn.staged == staged.number else { throw .stale(.staged) }
            turn.activated += 1
        }
        guard key == staged.key else { throw .stale(.files) }
        let verdict = try judge.confirm(
            staged.verdict, on: staged.revision, memory: staged.memory, at: now)
        let revision = staged.revision
        var result = staged.memory
        if revision.snapshot.lockProblem == nil {
            notePins(of: revision, verdict, staged.memory, over: old)
            result = Self.memory(of: revision, verdict, after: staged.memory)
            do throws(StoreFailure) {
                if let new = result.lock, new != staged.memory.lock {
                    try await store.accept(lock: new.json)
                }
                if let new = result.accepted, new != staged.memory.accepted {
                    try await store.accept(revision: new.json)
                }
            } catch { throw .notRecorded("store") }
        }
        do throws(LedgerRefusal) {
            _ = try await ledger.append(draft(revision, verdict, why: why))
        } catch { throw .notRecorded(error.code) }
        turn.withLock { _ = $0.unused.remove(revision.snapshot.digest) }
        let last = staged.memory.accepted?.identity.digest
        return ActivatedPolicy(
            verdict: verdict, memory: result,
            isOlder: staged.wasInForce && last != nil && last != revision.snapshot.digest)
    }

    private static func judged(
        _ found: RevisionOnDisk, _ judge: RevisionEvaluator, over active: PolicyRevision?,
        _ memory: RevisionMemory, at now: Timestamp
    ) throws(RevisionRefusal) -> (
        found: RevisionOnDisk, revision: PolicyRevision, verdict: RevisionEvaluator.Verdict
    ) {
        if let active {
            let revision = try found.revision.get()
            return (
                found, revision, try judge.reload(revision, over: active, memory: memory, at: now)
            )
        }
        do throws(RevisionRefusal) {
            let revision = try found.revision.get()
            return (found, revision, try judge.start(revision, memory: memory, at: now))
        } catch {
            // If only the lock is not valid, the node starts nevertheless and offers no server.
            guard case .lock(let problem) = error, let without = found.withoutServers else {
                throw error
            }
            let found = without(problem)
            let revision = try found.revision.get()
            let verdict = try judge.startWithoutServers(revision, problem, memory: memory)
            return (found, revision, verdict)
        }
    }

    private func keep(
        _ revision: PolicyRevision, _ bundle: [UInt8]
    ) throws(RevisionRefusal) -> Bool {
        guard let canonical = revision.snapshot.takeCanonical()?.bytes(lock: revision.lock) else {
            throw .unreadable("the policy has no canonical form")
        }
        do throws(StoreFailure) {
            return try archive.keep(canonical: canonical, bundle: bundle)
        } catch { throw .notRecorded("policies") }
    }

    private static func memory(
        of revision: PolicyRevision, _ verdict: RevisionEvaluator.Verdict,
        after memory: RevisionMemory
    ) -> RevisionMemory {
        var result = memory
        if case .signed(_, let basis) = verdict.status {
            var proposers = memory.accepted?.proposers ?? RevisionProposers()
            // The first revision widens none before it, and while one person alone is enrolled no other could vote.
            if memory.accepted != nil, !basis.isAuthorAlone, let author = revision.signOff?.author {
                proposers.add(verdict.widened, by: author)
            }
            result.accepted = AcceptedRevision(
                identity: revision.identity, owners: Set(revision.snapshot.owners),
                bare: revision.bare, basis: basis, proposers: proposers)
        }
        if let lock = revision.lock {
            var isSigned = false
            if case .signed = verdict.lock { isSigned = true }
            result.lock = AcceptedLock(digest: lock, isSigned: isSigned)
        }
        return result
    }

    private func memory() async throws(RevisionRefusal) -> RevisionMemory {
        do {
            return RevisionMemory(
                accepted: try await store.acceptedRevision().map { json throws(FormError) in
                    try AcceptedRevision(json: json)
                },
                lock: try await store.acceptedLock().map { json throws(FormError) in
                    try AcceptedLock(json: json)
                })
        } catch { throw .notRecorded("store") }
    }

    private func draft(
        _ revision: PolicyRevision, _ verdict: RevisionEvaluator.Verdict, why: String
    ) -> RecordDraft {
        let snapshot = revision.snapshot
        var signers: [Person] = []
        var basis: SignOffBasis?
        if case .signed(let people, let found) = verdict.status {
            signers = people
            basis = found
        }
        var load: JSONObject = revision.identity.json.object ?? [:]
        load["lock"] = revision.lock.map { .string($0.prefixed) } ?? .null
        load["lock_signed_by"] = .array(verdict.lock.signers.map { .string($0.address) })
        if let problem = snapshot.lockProblem { load["lock_refused"] = .string("\(problem)") }
        load["revision"] = snapshot.revision.map { .string($0) } ?? .null
        load["tzdata"] = .string(revision.zones)
        load["bundle"] = snapshot.basis.bundle.map { .string($0.prefixed) } ?? .null
        load["templates"] = .object(
            JSONObject(
                distinct: snapshot.templates.byTool.sorted { $0.key < $1.key }.map {
                    ($0.key.description, .string($0.value.digest.prefixed))
                }))
        load["standing"] = verdict.status.isFounding ? "founding" : "signed"
        load["sign_off"] = basis.map { .string($0.rawValue) } ?? "none"
        load["comparison"] = .string(verdict.comparison.rawValue)
        load["author"] = revision.signOff.map { .string($0.author.address) } ?? .null
        load["signed_by"] = .array(signers.map { .string($0.address) })
        load["unsigned"] = verdict.unsigned.map { .string("\($0)") }
        load["tests"] = verdict.passedTests.map { .array($0.map(JSONValue.string)) } ?? .null
        load["findings"] = .array(snapshot.findings.map(\.json))
        var fields: JSONObject = ["pol": .string(snapshot.digestText), "why": .string(why)]
        let trust = people.trust
        let pseudonyms = signers.compactMap { trust?.person($0)?.pseudonym.text }
        if !pseudonyms.isEmpty { fields["by"] = .array(pseudonyms.map(JSONValue.string)) }
        return records.record(
            .policyLoaded, run: nil, fields: fields,
            sealing: [("load", JSONValue.object(load).serialized())])
    }
}

extension PolicyLoading {
    /// Writes `pin.accepted` for each server whose lock entry differs from the one before. `policy.loaded`, which
    /// follows, makes these records durable. If the process dies in between, the next start writes them again.
    ///
    /// - Parameter old: the lock that was in force, or nil at a start: a lock whose digest is not the remembered one is
    ///   then recorded in full.
    func notePins(
        of revision: PolicyRevision, _ verdict: RevisionEvaluator.Verdict, _ memory: RevisionMemory,
        over old: PolicyLock?
    ) {
        guard let lock = revision.snapshot.lock, lock.digest != memory.lock?.digest else { return }
        let signers = verdict.lock.signers.compactMap { people.trust?.person($0)?.pseudonym.text }
        let names = Set(lock.servers.keys).union((old?.servers ?? [:]).keys)
        for name in names.sorted() {
            let comparison = LockComparison(
                of: name, from: old?.servers[name], to: lock.servers[name])
            guard comparison.state != .same else { continue }
            var fields: JSONObject = [
                "srv": .string(name.text), "lock": .string(lock.digest.base64),
                "st": .string(comparison.state.rawValue),
                "n": .integer(Int64(lock.servers[name]?.tools.count ?? 0)),
            ]
            if !signers.isEmpty { fields["by"] = .array(signers.map(JSONValue.string)) }
            ledger.note(
                records.record(
                    .pinAccepted, run: nil, fields: fields,
                    sealing: [("diff", comparison.json.serialized())]))
        }
    }
}
