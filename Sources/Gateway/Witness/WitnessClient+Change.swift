import InterlockJSON
package import InterlockLedger
package import InterlockModel
package import InterlockPorts
import Synchronization

/// Changes of the trusted witnesses while the gateway runs. The records are durable first, then the files, then memory;
/// a crash in between leaves a record of a change that the next start does not know of.
extension WitnessClient {
    package enum ChangeFailure: Error, Sendable {
        case refused(TrustPolicyError)
        case unknown(String)
        case unrecorded(LedgerRefusal)
        case unsaved(String)
    }

    package func add(
        _ key: CosignerKey, url: String?, isNow: Bool, ledger: any Ledger,
        store: any TrustPolicyStore
    ) async throws(ChangeFailure) {
        let (policy, marks) = trust
        let changed: TrustPolicy
        do throws(TrustPolicyError) { changed = try policy.adding(key, url: url) } catch {
            throw .refused(error)
        }
        var newMarks = marks
        if let name = TrustName(key.name) { newMarks.set(name, isNow) }
        let listed = RecordDraft(
            .keyListed, run: nil, fields: ["use": "witness", "vkey": .string(key.description)])
        try await apply(changed, newMarks, [listed], ledger, store)
    }

    package func remove(
        _ name: String, ledger: any Ledger, store: any TrustPolicyStore
    ) async throws(ChangeFailure) {
        var (policy, marks) = trust
        guard let name = TrustName(name), let changed = policy.removing(name) else {
            throw .unknown(name)
        }
        marks.set(name, false)
        policy = changed
        try await apply(policy, marks, [], ledger, store)
    }

    /// The trust policy and the list in force.
    package var trust: (policy: TrustPolicy, marks: ImmediateWitnessList) {
        state.withLock { ($0.policy, $0.marks) }
    }

    private func apply(
        _ policy: TrustPolicy, _ marks: ImmediateWitnessList, _ records: [RecordDraft],
        _ ledger: any Ledger, _ store: any TrustPolicyStore
    ) async throws(ChangeFailure) {
        let digest = ports.hashing.sha256(Array((policy.text + marks.text).utf8))
        let change = RecordDraft(
            .configChanged, run: nil, fields: ["sec": "ledger.trust", "h": .string(digest.base64)])
        do throws(LedgerRefusal) {
            for record in records + [change] { _ = try await ledger.append(record) }
        } catch { throw .unrecorded(error) }
        do throws(TrustStoreFailure) {
            try store.save(policy: policy.text, marks: marks.text)
        } catch { throw .unsaved(error.reason) }
        let (listener, isForked) = state.withLock { state in
            state.policy = policy
            state.marks = marks
            let names = Set(policy.witnesses.map(\.name))
            state.statuses = state.statuses.filter { names.contains($0.key) }
            return (state.listener, state.isForked)
        }
        listener?.setForked(isForked)
    }
}

/// The dependencies of the local socket's commands that show and change the trusted witnesses.
package struct WitnessAdministration: Sendable {
    package let client: WitnessClient
    package let store: any TrustPolicyStore
    package let hashing: any Hashing

    package init(client: WitnessClient, store: any TrustPolicyStore, hashing: any Hashing) {
        self.client = client
        self.store = store
        self.hashing = hashing
    }
}
