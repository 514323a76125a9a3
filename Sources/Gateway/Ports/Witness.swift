package import InterlockLedger
package import InterlockModel

// The doors between the log, its witnesses and the gateway. Each comment is a contract.

/// Hears of each record of the log as soon as it is durable, before anybody else is told. Called by the
/// thread that writes the log, one call at a time: returns at once.
package protocol DurableFollower: Sendable {
    /// Once, before anything else: the tree that was found when the log was opened.
    func begin(at range: CompactRange)

    /// - Parameter checkpoint: the signed checkpoint of the size after these.
    func extend(by leafHashes: [Digest], checkpoint: [UInt8])
}

/// Carries questions to witnesses.
package protocol WitnessCaller: Sendable {
    /// Posts a body to `<prefix>/add-checkpoint` and waits for the whole answer, for `limit` at most. A
    /// redirect is not followed: it is an answer. What did not work is an answer too.
    func post(_ body: [UInt8], to prefix: String, within limit: Duration) async -> WitnessResponse
}

package enum WitnessResponse: Sendable, Equatable {
    case answer(status: Int, contentType: String, body: [UInt8])
    /// No answer, too late, too large, or not HTTP.
    case failed(String)
}

/// What a call that must be witnessed waits for.
package protocol CallQuorum: Sendable {
    /// Whether the trust file asks for cosignatures at all.
    var isConfigured: Bool { get }

    /// Since a quorum last cosigned a checkpoint; nil when none has since the start.
    var ageSeconds: Int64? { get }

    /// Of each witness that has cosigned since the start, how long ago it last did.
    var lags: [(witness: String, seconds: Int64)] { get }

    /// Returns true once a quorum has cosigned a checkpoint that covers every record durable at the
    /// time of the call, false when `times.quorum` is over. Calls that wait at the same time share the
    /// newest checkpoint.
    func reach() async -> Bool
}

/// Where the trust file and its marks are kept.
package protocol TrustPolicyStore: Sendable {
    /// Replaces both; durable on return. After an error either may be the old one.
    func save(policy: String, marks: String) throws(TrustStoreFailure)
}

package struct TrustStoreFailure: Error, Sendable {
    package let reason: String
    package init(reason: String) { self.reason = reason }
}

/// Proofs out of the published files of our own log.
package protocol LogTiles: Sendable {
    /// That the tree of a checkpoint begins with that of an older size; nil when the files do not give
    /// it.
    func consistencyProof(oldSize: UInt64, of head: Checkpoint) -> [Digest]?
}

/// Who is told what witnesses say.
package protocol WitnessListener: Sendable {
    func alarm(_ code: String, subject: String)
    /// While true nothing is permitted.
    func setForked(_ isForked: Bool)
}
