package import InterlockLedger
package import InterlockModel

// The port between the gateway and the payload keys. The comments are the contract.

/// Payload keys: one for each run, and one a day for records outside runs (docs/specs/ledger.md, section 6). They are
/// stored apart from the log, so that destroying one erases a run's payloads.
package protocol PayloadKeys: Sendable {
    /// Encrypts under a key that is already durable; for an open run it reads memory only. If no such key exists, makes
    /// only the commitment, with which the ledger refuses a permit (`audit.payload`).
    ///
    /// - Parameters:
    ///   - field: the name of the record's field.
    ///   - name: the name for which the key is derived; if nil, only the commitment is made.
    ///   - salt: the salt to which the plaintext is already bound; if nil, a random one is used.
    func seal(_ plaintext: [UInt8], in field: String, as name: PayloadName?, salt: [UInt8]?)
        -> SealedPayload

    /// Returns whether `prepare` has nothing left to do. Reads memory only.
    func isOpen(_ run: RunID) -> Bool

    /// Makes the run's key durable before it returns, unless the run was erased or had records and lost its key; such a
    /// run gets no other. Shares a flush with concurrent calls; at most one call for each run.
    ///
    /// - Parameter isNew: whether the log has no record of the run.
    func prepare(_ run: RunID, isNew: Bool) async

    /// Does the same as `prepare`, blocking the caller's thread.
    func open(_ run: RunID, isNew: Bool)

    /// Destroys keys, and the keys that wrapped them, by rewriting the buckets. After it returns nothing on this node
    /// can decrypt the payloads of these runs and days; keys that were destroyed before are no error. Must be called
    /// only after the erasure is in the log.
    func erase(runs: Set<RunID>, days: Set<CivilDate>) async throws(StoreFailure) -> Bool

    /// Returns the days that have keys, oldest first.
    func days() async throws(StoreFailure) -> [CivilDate]

    var status: PayloadKeyStatus { get }
}

package struct PayloadKeyStatus: Sendable {
    /// The number of runs seen since the start whose key is gone without an erasure.
    package let lostRuns: Int
    /// The reason why the last key could not be made durable, or nil if it was.
    package let failure: String?

    package init(lostRuns: Int, failure: String?) {
        self.lostRuns = lostRuns
        self.failure = failure
    }
}

/// Reads the log's files for erasures. Each call may take as long as a scan of the log, on its own thread.
package protocol ErasureSources: Sendable {
    /// Returns the runs that have a record with this `subj`.
    func runs(of subject: Pseudonym) async throws(StoreFailure) -> Set<RunID>

    /// Returns everything that a durable `payload.erased` names.
    func erasures() async throws(StoreFailure) -> Erasure

    /// Deletes the packs of this day and of all earlier days; missing packs are no error.
    func removePacks(through day: CivilDate) async throws(StoreFailure)
}

/// Encrypts and authenticates the state that a client carries for the gateway between requests. Sealed state can be
/// replayed: the caller that opens it must spend its nonce.
package protocol StateSealer: Sendable {
    /// Returns `v1.<key id>.<base64url of nonce, ciphertext and tag>`, bound to this deployment.
    func seal(_ plaintext: [UInt8]) -> String

    /// - Returns: nil if `text` was not sealed by this deployment, or was changed.
    func open(_ text: String) -> [UInt8]?
}
