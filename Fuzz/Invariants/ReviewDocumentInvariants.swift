import InterlockCredentials
import InterlockModel
import InterlockReview

extension Invariants {
    /// The input is the document of a sample, a statement or an envelope. Each document has one spelling, no document without signatures has
    /// signers, and a sample has as many records as its sizes permit.
    package static func reviewDocuments(_ bytes: [UInt8]) {
        if let sample = try? ReviewSample(parsing: bytes) {
            precondition((try? sample.canonical()) == bytes, "a sample has one spelling")
            precondition(
                sample.random.count == SampleSeed.randomCount, "a seed has its random bytes")
            let isBounded = sample.strata.allSatisfy {
                $0.records.count <= $0.size.limit && $0.spares.count <= $0.size.spares
            }
            precondition(isBounded, "a stratum has the records of its size")
            precondition(sample.differences(from: sample).isEmpty, "a sample is itself")
            let marked = MarkedSample(sample, marks: [:])
            precondition(
                marked.unmarked.count == marked.records.count, "without marks nothing is marked")
        }
        if let statement = try? ReviewStatement(parsing: bytes) {
            let again = (try? statement.canonical()).flatMap { try? ReviewStatement(parsing: $0) }
            precondition(again == statement, "a statement is read as it was written")
        }
        guard let envelope = try? Envelope(parsing: bytes) else { return }
        checkPostponement(envelope)
        guard let signOff = try? ReviewSignOff(envelope) else { return }
        precondition(
            (try? signOff.canonical()) == envelope.payload, "a sign-off has one spelling")
        precondition(
            signOff.period.end <= signOff.date && signOff.date < signOff.next,
            "a review is of the past, and the next one of the future")
        precondition(!signOff.drift.contains { $0.outcome == nil }, "each item has an outcome")
        let signed = try? SignedReview(envelope, verifiedBy: OpenSSLVerifier())
        precondition(
            signed?.signers(among: .nobody(org: signOff.org), tier: .low) == nil,
            "without people there is no signer")
    }

    /// A postponement is of two people, and moves a review by 14 days at most.
    private static func checkPostponement(_ envelope: Envelope) {
        guard let order = try? PostponementOrder(envelope) else { return }
        precondition(
            (try? order.canonical()) == envelope.payload, "a postponement has one spelling")
        precondition(
            ReviewPostponement(due: order.due, until: order.until).isValid,
            "a review is moved by 14 days at most")
        precondition(Set(order.deciders).count == 2, "two people decide")
        let signed = try? SignedPostponement(envelope, verifiedBy: OpenSSLVerifier())
        precondition(
            signed?.decided(among: .nobody(org: order.org)).isEmpty ?? true,
            "without people there is no signer")
    }
}
