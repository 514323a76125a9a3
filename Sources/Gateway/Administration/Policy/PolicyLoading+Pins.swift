import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts

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
