import InterlockJSON
import InterlockLedger
package import InterlockModel
package import InterlockPolicy

/// What a node found at its start.
package struct StartedPolicy: Sendable {
    package let revision: PolicyRevision
    package let verdict: RevisionJudge.Verdict
    package let accepted: AcceptedRevision?
    package let key: Digest
}

/// Makes it durable that a revision is in force, before it decides anything: the policy itself in the
/// archive, the sign-off in the store, then `policy.loaded` in the ledger.
///
/// If the process dies between these, the next start takes the revision from its files; it was judged
/// already. If it dies after, the same.
package struct PolicyLoading: Sendable {
    private let ledger: any Ledger
    private let store: any SignOffStore
    private let archive: any PolicyKeeper
    private let records: RecordWriter
    private let trust: TrustFile?

    package init(
        ledger: any Ledger, store: any SignOffStore, archive: any PolicyKeeper,
        records: RecordWriter, trust: TrustFile?
    ) {
        self.ledger = ledger
        self.store = store
        self.archive = archive
        self.records = records
        self.trust = trust
    }

    /// Judges what lies on disk when nothing is in force yet, and records it.
    package func start(
        _ found: FoundRevision, _ judge: RevisionJudge, at now: Timestamp
    ) async throws(RevisionRefusal) -> StartedPolicy {
        let revision = try found.revision.get()
        let before = try await accepted()
        let verdict = try judge.start(revision, accepted: before, at: now)
        let accepted = try await record(
            revision, from: found, verdict, accepted: before,
            why: PolicyDesk.Cause.start.rawValue)
        return StartedPolicy(
            revision: revision, verdict: verdict, accepted: accepted, key: found.key)
    }

    /// - Returns: what is signed off from now on. After a throw neither store nor ledger let the
    ///   revision decide.
    func record(
        _ revision: PolicyRevision, from found: FoundRevision, _ verdict: RevisionJudge.Verdict,
        accepted: AcceptedRevision?, why: String
    ) async throws(RevisionRefusal) -> AcceptedRevision? {
        try keep(revision, found.bundle)
        var result = accepted
        if !verdict.standing.isFounding {
            let new = AcceptedRevision(
                identity: revision.identity, owners: Set(revision.snapshot.owners))
            if new != accepted {
                do throws(StoreFailure) { try await store.accept(revision: new.json) } catch {
                    throw .notRecorded("store")
                }
            }
            result = new
        }
        do throws(LedgerRefusal) {
            _ = try await ledger.append(draft(revision, verdict, why: why))
        } catch {
            throw .notRecorded(error.code)
        }
        return result
    }

    private func keep(
        _ revision: PolicyRevision, _ bundle: [UInt8]
    ) throws(RevisionRefusal) {
        guard let canonical = revision.document.canonicalPolicy(lock: revision.lock) else {
            throw .unreadable("the policy has no canonical form")
        }
        do throws(StoreFailure) { try archive.keep(canonical: canonical, bundle: bundle) } catch {
            throw .notRecorded("policies")
        }
    }

    private func accepted() async throws(RevisionRefusal) -> AcceptedRevision? {
        do {
            return try await store.acceptedRevision().map { json throws(FormError) in
                try AcceptedRevision(json: json)
            }
        } catch {
            throw .notRecorded("store")
        }
    }

    private func draft(
        _ revision: PolicyRevision, _ verdict: RevisionJudge.Verdict, why: String
    ) -> RecordDraft {
        let snapshot = revision.snapshot
        var signers: [Person] = []
        if case .signed(let people) = verdict.standing { signers = people }
        var load: JSONObject = revision.identity.json.object ?? [:]
        load["lock"] = revision.lock.map { .string($0.prefixed) } ?? .null
        load["revision"] = snapshot.revision.map { .string($0) } ?? .null
        load["tzdata"] = .string(revision.zones)
        load["bundle"] = snapshot.basis.bundle.map { .string($0.prefixed) } ?? .null
        load["standing"] = verdict.standing.isFounding ? "founding" : "signed"
        load["comparison"] = .string(verdict.comparison.rawValue)
        load["author"] = revision.signOff.map { .string($0.author.address) } ?? .null
        load["signed_by"] = .array(signers.map { .string($0.address) })
        load["unsigned"] = verdict.unsigned.map { .string("\($0)") }
        load["findings"] = .array(snapshot.findings.map(\.json))
        var fields: JSONObject = ["pol": .string(snapshot.digestText), "why": .string(why)]
        let pseudonyms = signers.compactMap { trust?.person($0)?.pseudonym.text }
        if !pseudonyms.isEmpty { fields["by"] = .array(pseudonyms.map(JSONValue.string)) }
        return records.record(
            .policyLoaded, run: nil, fields: fields,
            sealing: [("load", JSONValue.object(load).serialized())])
    }
}
