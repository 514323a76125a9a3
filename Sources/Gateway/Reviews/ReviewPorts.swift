package import InterlockAdministration
import InterlockJSON
package import InterlockLedger
package import InterlockModel
package import InterlockPorts
package import InterlockReview

/// The files of reviews: samples, answers and documents that wait for signatures. A file is replaced as a whole.
package protocol ReviewFiles: Sendable {
    /// Returns when the file is durable.
    func write(_ bytes: [UInt8], as name: String) async throws(StoreFailure)

    /// - Returns: nil if there is no such file.
    func read(_ name: String) async throws(StoreFailure) -> [UInt8]?
}

/// Reads this node's own log for reviews.
package protocol ReviewLog: Sendable {
    /// Draws a sample from the log as it is once a checkpoint is of after the period, which takes up to a beat of the log.
    ///
    /// - Throws: `notRead` if the log cannot be read, or has no such checkpoint in time.
    func draw(_ request: SampleRequest) async throws(Problem) -> DrawnSample

    /// Returns the time of the first record that is left, or nil if none was pruned.
    ///
    /// - Throws: `notRead`.
    func begins() async throws(Problem) -> Timestamp?

    /// Reads a record again, and proves it against the checkpoint of the sample.
    ///
    /// - Returns: nil if there is no such record, or it is not proved.
    func record(_ sampled: SampledRecord, under checkpoint: SampleCheckpoint) async -> ReadRecord?
}

/// Compares the scopes of agents with their use, from this node's own log and its policy.
package protocol ReviewUseReader: Sendable {
    /// Reads the whole log up to its newest checkpoint, which takes seconds for a million records.
    ///
    /// - Throws: `notRead`.
    func use(in sample: ReviewSample) async throws(Problem) -> ReviewUse
}

/// The matrix of scopes and their use, with what is to be retired.
package struct ReviewUse: Sendable {
    package let use: ScopeUse
    package let proposal: RetireProposal
    /// The text of the patch and its digest; nil if nothing is retired, or the policy's text is not edited here.
    package let patch: (text: String, digest: Digest)?
    /// The items and tools that the patch leaves out, in sentences.
    package let notes: [String]
    /// The records that were read.
    package let count: Int

    package init(
        use: ScopeUse, proposal: RetireProposal, patch: (text: String, digest: Digest)?,
        notes: [String], count: Int
    ) {
        self.use = use
        self.proposal = proposal
        self.patch = patch
        self.notes = notes
        self.count = count
    }
}

/// The sample that is asked for.
package struct SampleRequest: Sendable {
    package let scope: ReviewScope
    package let period: ReviewPeriod
    package let agents: [SampledAgent]
    /// The tools whose calls are consequential because they send data out.
    package let senders: Set<ToolAddress>
    /// The servers that the agent may use; nil for the organisation.
    package let servers: Set<ServerName>?
    /// 32 random bytes, drawn before the checkpoint is known.
    package let random: [UInt8]

    package init(
        scope: ReviewScope, period: ReviewPeriod, agents: [SampledAgent],
        senders: Set<ToolAddress>, servers: Set<ServerName>?, random: [UInt8]
    ) {
        self.scope = scope
        self.period = period
        self.agents = agents
        self.senders = senders
        self.servers = servers
        self.random = random
    }
}

/// A sample, and the facts of the sign-off that the log has.
package struct DrawnSample: Sendable {
    package let sample: ReviewSample
    /// The approvals in the sample by who gave them.
    package let approvals: [Pseudonym: Int]
    /// The items that the log raises for the part `drift`; none has an outcome.
    package let drift: [DriftItem]

    package init(sample: ReviewSample, approvals: [Pseudonym: Int], drift: [DriftItem]) {
        self.sample = sample
        self.approvals = approvals
        self.drift = drift
    }
}

/// A record as a reviewer reads it, which was proved.
package struct ReadRecord: Sendable {
    /// One record with its payloads.
    package struct Part: Sendable {
        package let index: UInt64
        package let record: StoredRecord
        /// The bytes that are stored and hashed.
        package let bytes: [UInt8]
        package let payloads: [DisplayedPayload]

        package init(
            index: UInt64, record: StoredRecord, bytes: [UInt8], payloads: [DisplayedPayload]
        ) {
            self.index = index
            self.record = record
            self.bytes = bytes
            self.payloads = payloads
        }

        /// The record with the text of each payload in the place of its commitment.
        var json: JSONValue {
            var object = record.object
            for payload in payloads {
                object[payload.field] = payload.json ?? .string(payload.text)
            }
            return .object(object)
        }
    }

    package let record: Part
    /// The other records of its call.
    package let others: [Part]
    /// True if a payload of it was erased.
    package let isErased: Bool

    package init(record: Part, others: [Part], isErased: Bool) {
        self.record = record
        self.others = others
        self.isErased = isErased
    }
}
