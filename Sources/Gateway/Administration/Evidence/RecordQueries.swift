/// Read access to records for pages, with visibility applied. Each method has recorded the access before it returns.
package protocol RecordQueries: Sendable {
    func search(
        _ query: RecordQuery, before: UInt64?, limit: Int, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> RecordFinding

    func record(
        at index: UInt64, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> RecordEvidence

    /// Returns the proof of one record as a file.
    func proof(
        of index: UInt64, _ part: ProofPart, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> EvidenceFileBody

    /// Returns all records that a search finds, each with its proof, as one file.
    func proofs(
        of query: RecordQuery, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> EvidenceFileBody
}

/// One of the two files that a verifier needs.
package enum ProofPart: Sendable, Hashable {
    /// The stored bytes.
    case leaf
    /// The C2SP tlog-proof.
    case proof
}
