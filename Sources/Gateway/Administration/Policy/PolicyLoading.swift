package import InterlockGovernor
import InterlockJSON
import InterlockLedger
package import InterlockModel
package import InterlockPolicy
package import InterlockPorts

/// The policy with which a node starts.
package struct StartedPolicy: Sendable {
    package let revision: PolicyRevision
    package let verdict: RevisionEvaluator.Verdict
    package let memory: RevisionMemory
    package let key: Digest
    /// True if the policy is older than the one signed off last; see `PolicyLoading.record`.
    package let isOlder: Bool
}

/// Makes it durable that a revision is in force, before it decides anything: the policy itself in the archive, then the
/// sign-off in the store, then `policy.loaded` in the log.
///
/// If the process dies at any point, the next start takes the revision, which was evaluated already, from its files.
package struct PolicyLoading: Sendable {
    let ledger: any Ledger
    private let store: any SignOffStore
    private let archive: any PolicyHistoryStore
    let records: RecordWriter
    let people: AuthorizedKeysHolder

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

    /// Evaluates the revision on disk while none is in force yet, and records it.
    package func start(
        _ found: RevisionOnDisk, _ judge: RevisionEvaluator, at now: Timestamp
    ) async throws(RevisionRefusal) -> StartedPolicy {
        let before = try await memory()
        let judged = try Self.judged(found, judge, before, at: now)
        let (memory, isOlder) = try await record(
            judged.revision, from: judged.found, judged.verdict, memory: before, over: nil,
            why: PolicyService.Cause.start.rawValue)
        return StartedPolicy(
            revision: judged.revision, verdict: judged.verdict, memory: memory, key: found.key,
            isOlder: isOlder)
    }

    /// Evaluates a revision at a start. If only its lock is not valid, the node starts nevertheless and offers no
    /// server.
    private static func judged(
        _ found: RevisionOnDisk, _ judge: RevisionEvaluator, _ memory: RevisionMemory,
        at now: Timestamp
    ) throws(RevisionRefusal) -> (
        found: RevisionOnDisk, revision: PolicyRevision, verdict: RevisionEvaluator.Verdict
    ) {
        do throws(RevisionRefusal) {
            let revision = try found.revision.get()
            return (found, revision, try judge.start(revision, memory: memory, at: now))
        } catch {
            guard case .lock(let problem) = error, let without = found.withoutServers else {
                throw error
            }
            let found = without(problem)
            let revision = try found.revision.get()
            let verdict = try judge.startWithoutServers(revision, problem, memory: memory)
            return (found, revision, verdict)
        }
    }

    /// - Parameter old: the lock that was in force, or nil at a start, where only its digest is known.
    /// - Returns: the new memory, and whether the policy was in force before the one that was signed off last.
    /// - Throws: if the revision was not recorded; the caller must not put it in force.
    func record(
        _ revision: PolicyRevision, from found: RevisionOnDisk,
        _ verdict: RevisionEvaluator.Verdict,
        memory: RevisionMemory, over old: PolicyLock?, why: String
    ) async throws(RevisionRefusal) -> (memory: RevisionMemory, isOlder: Bool) {
        let wasKept = try keep(revision, found.bundle)
        let last = memory.accepted?.identity.digest
        let isOlder = wasKept && last != nil && last != revision.snapshot.digest
        var result = memory
        if revision.snapshot.lockProblem == nil {
            notePins(of: revision, verdict, memory, over: old)
            result = Self.memory(of: revision, verdict, after: memory)
            do throws(StoreFailure) {
                if let new = result.lock, new != memory.lock {
                    try await store.accept(lock: new.json)
                }
                if let new = result.accepted, new != memory.accepted {
                    try await store.accept(revision: new.json)
                }
            } catch { throw .notRecorded("store") }
        }
        do throws(LedgerRefusal) {
            _ = try await ledger.append(draft(revision, verdict, why: why))
        } catch { throw .notRecorded(error.code) }
        return (result, isOlder)
    }

    private func keep(
        _ revision: PolicyRevision, _ bundle: [UInt8]
    ) throws(RevisionRefusal) -> Bool {
        guard let canonical = revision.document.canonicalPolicy(lock: revision.lock) else {
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
            result.accepted = AcceptedRevision(
                identity: revision.identity, owners: Set(revision.snapshot.owners),
                bare: revision.bare, basis: basis)
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
