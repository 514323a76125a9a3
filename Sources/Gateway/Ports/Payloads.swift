package import InterlockLedger
package import InterlockModel

// The door between the gateway and the keys of payloads. The comment is the contract.

/// Keys of payloads, one for each run and one a day for records outside runs (specs of the ledger,
/// section 6). They are kept apart from the log, so that destroying one erases a run's payloads.
package protocol PayloadKeys: Sendable {
    /// Encrypts under a key that is already durable, from memory for a run that is open. Without such a
    /// key only the commitment is made: the ledger refuses a permit with that (`audit.payload`).
    ///
    /// - Parameters:
    ///   - field: the leaf's.
    ///   - name: what the key is derived for; nil gives the commitment alone.
    ///   - salt: when the plaintext is bound to one already; else a random one.
    func seal(
        _ plaintext: [UInt8], in field: String, as name: PayloadName?, salt: [UInt8]?
    ) -> SealedPayload

    /// Whether `prepare` has nothing left to do. From memory.
    func isOpen(_ run: RunID) -> Bool

    /// On disk when it returns: the run's key, unless the run had records and lost it, or was erased;
    /// such a run gets no other. Shares a flush with others; at most one for each run.
    ///
    /// - Parameter isNew: whether the log has no record of the run.
    func prepare(_ run: RunID, isNew: Bool) async

    /// The same, blocking the caller's thread.
    func open(_ run: RunID, isNew: Bool)

    /// Destroys keys, and the keys that they were kept under, in that the buckets are written anew.
    /// When it returns nothing on this node opens the payloads of these runs and days any more; what
    /// was destroyed before is no error. Call it only once the log says so.
    func erase(runs: Set<RunID>, days: Set<CivilDate>) async throws(StoreFailure) -> Bool

    /// Days that have keys, oldest first.
    func days() async throws(StoreFailure) -> [CivilDate]

    var status: PayloadKeyStatus { get }
}

package struct PayloadKeyStatus: Sendable {
    /// Runs seen since the start whose key is gone without an erasure.
    package let lostRuns: Int
    /// Why the last key could not be made durable, if one could not.
    package let failure: String?

    package init(lostRuns: Int, failure: String?) {
        self.lostRuns = lostRuns
        self.failure = failure
    }
}

/// What the log's files say, for erasures. Each may take as long as the log is, on a thread of its own.
package protocol ErasureSources: Sendable {
    /// Runs that have a record with this `subj`.
    func runs(of subject: Pseudonym) async throws(StoreFailure) -> Set<RunID>

    /// Everything that a durable `payload.erased` names.
    func erasures() async throws(StoreFailure) -> Erasure

    /// Deletes the packs of this day and of all before; those that are gone are no error.
    func removePacks(through day: CivilDate) async throws(StoreFailure)
}
