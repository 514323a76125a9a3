package import InterlockLedger
package import InterlockModel

// The ports between the log, its witnesses and the gateway. Each comment is a contract.

/// Receives each record of the log as soon as it is durable, before any waiting caller is resumed. Called by the thread
/// that writes the log, one call at a time: must return at once.
package protocol DurableFollower: Sendable {
    /// Called once, before anything else, with the tree that was found when the log was opened.
    func begin(at range: CompactRange)

    /// - Parameter checkpoint: the signed checkpoint at the size after these leaves.
    func extend(by leafHashes: [Digest], checkpoint: [UInt8])
}

/// Sends requests to witnesses.
package protocol WitnessCaller: Sendable {
    /// Posts a body to `<prefix>/add-checkpoint` and waits at most `limit` for the whole response. Redirects are not
    /// followed but returned as responses. Failures are returned too.
    func post(_ body: [UInt8], to prefix: String, within limit: Duration) async -> WitnessResponse
}

package enum WitnessResponse: Sendable, Equatable {
    case answer(status: Int, contentType: String, body: [UInt8])
    /// No response, a late or oversized response, or one that is not HTTP.
    case failed(String)
}

/// Waits until a quorum of witnesses has cosigned the records of a call.
package protocol CallQuorum: Sendable {
    /// True if the trust policy requires cosignatures.
    var isConfigured: Bool { get }

    /// The seconds since a quorum last cosigned a checkpoint, or nil if none has since the start.
    var ageSeconds: Int64? { get }

    /// The seconds since the last cosignature of each witness that has cosigned since the start.
    var lags: [(witness: String, seconds: Int64)] { get }

    /// Returns true once a quorum has cosigned a checkpoint that covers every record durable at the time of the call,
    /// or false when `times.quorum` has passed. Concurrent calls share the newest checkpoint.
    func reach() async -> Bool
}

extension CallQuorum {
    /// The seconds since the last cosignature that counts: of a quorum where one is required, else of any witness. Nil if
    /// none was given since the start.
    package var cosignatureSeconds: Int64? {
        isConfigured ? ageSeconds : lags.map(\.seconds).min()
    }
}

/// Storage of the trust policy file and of its marks.
package protocol TrustPolicyStore: Sendable {
    /// Replaces both; durable on return. After an error either may be the old one.
    func save(policy: String, marks: String) throws(TrustStoreFailure)
}

package struct TrustStoreFailure: Error, Sendable {
    package let reason: String
    package init(reason: String) { self.reason = reason }
}

/// Proofs from the published files of the gateway's own log.
package protocol LogTiles: Sendable {
    /// Returns the proof that the tree of a checkpoint extends that of an older size, or nil if the files do not yield
    /// it.
    func consistencyProof(oldSize: UInt64, of head: Checkpoint) -> [Digest]?
}

/// Receives witness outcomes.
package protocol WitnessListener: Sendable {
    func alarm(_ code: String, subject: String)
    /// Reports a fork of the log or its end; while the log is forked, nothing is permitted.
    func setForked(_ isForked: Bool)
}

/// Storage of the state that a witness remembers.
package protocol WitnessStore: Sendable {
    /// Returns the stored note of the origin with this name (64 hexadecimal digits), or nil if none is stored.
    func note(_ name: String) async throws(StoreFailure) -> [UInt8]?
    /// Replaces the whole note; durable on return. After an error either the old or the new note is stored.
    func remember(_ memory: WitnessMemory, as name: String) async throws(StoreFailure)
    /// Stores a note that may prove misbehaviour, if there is space.
    func keep(evidence note: [UInt8]) async
}
