package import InterlockAdministration
import InterlockGovernor
package import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPorts
package import InterlockReview

// The document of a review that people have signed, and its end without a sign-off. That is recorded first, then the
// document is dropped: if the process dies between the two, it still waits, and is discarded again.
extension ReviewService {
    /// Drops the document that waits for signatures, for the operator at the terminal.
    ///
    /// - Throws: `otherState` if none waits.
    package func discard(_ id: ReviewID, by: Pseudonym) async throws(Problem) -> JSONValue {
        await changing.enter()
        defer { changing.leave() }
        let review = try open(id)
        guard let found = try await waiting(of: review) else {
            throw Problem(.otherState, "no document of the review waits for signatures")
        }
        try await discardDocument(of: review, by: by)
        let signed = registry.keys.map { found.signed(among: $0) } ?? []
        return [
            "review": .string(id.text), "scope": .string(review.scope.text),
            "signed": .array(signed.map { .string($0.address) }),
        ]
    }

    /// Drops the document of a review, if people signed one. The caller holds the gate.
    func discardDocument(of review: OpenReview, by: Pseudonym) async throws(Problem) {
        guard let dropped = try await document(on: review, besides: nil) else { return }
        // An empty file is no document.
        try await drop(dropped, of: review, writing: [], by)
        await readWaiting()
    }

    /// Stores a document, in place of another one that people signed. The caller holds the gate.
    func store(_ whole: SignedReview, of review: OpenReview, by: Pseudonym) async throws(Problem) {
        let bytes = whole.envelope.bytes
        if let dropped = try await document(on: review, besides: whole) {
            try await drop(dropped, of: review, writing: bytes, by)
        } else {
            try await write(bytes, review.id.text + Self.documentEnd)
        }
        await readWaiting()
    }

    /// Returns the document in the file of a review, whether or not its signatures count now; nil without one, and if it is
    /// the same as another one.
    private func document(
        on review: OpenReview, besides other: SignedReview?
    ) async throws(Problem) -> SignedReview? {
        guard let bytes = try await read(review.id.text + Self.documentEnd),
            let envelope = try? Envelope(parsing: bytes),
            envelope.payload != other?.envelope.payload
        else { return nil }
        return try? signed(envelope.json)
    }

    private func drop(
        _ dropped: SignedReview, of review: OpenReview, writing bytes: [UInt8], _ by: Pseudonym
    ) async throws(Problem) {
        var fields: JSONObject = [
            "rvw": .string(review.id.text), "date": .integer(dropped.signOff.date.microseconds),
            "h": .string(registry.hashing.sha256(dropped.envelope.payload).base64),
            "signers": .array(signers(of: dropped).map { .string($0.text) }),
            "by": .string(by.text),
        ]
        fields["agent"] = review.scope.agent.map { .string($0.text) }
        let sealed = [proof(of: dropped)]
        _ = try await record(.reviewDiscarded, (fields, sealed))
        do throws(Problem) {
            try await write(bytes, review.id.text + Self.documentEnd)
        } catch {
            fields["code"] = "discard.unkept"
            gateway.ledger.note(
                gateway.records.record(
                    .reviewDiscarded, run: nil, fields: fields, sealing: sealed))
            throw error
        }
    }

    private func signers(of document: SignedReview) -> [Pseudonym] {
        guard let keys = registry.keys else { return [] }
        return document.signed(among: keys).compactMap { keys.person($0)?.pseudonym }
    }
}

// The rule that nothing of a review changes after the first signature.
extension ReviewService {
    /// The document that waits for signatures and can still be signed; nil without one.
    func unchanged(_ drawn: DrawnReview) async throws(Problem) -> SignedReview? {
        guard let found = try await waiting(of: drawn.review), try isCurrent(found, drawn) else {
            return nil
        }
        return found
    }

    static let unnamed = Problem(
        .notEligible, "others signed a document of the review that does not name you")

    /// Refuses a change of what people have signed already: a mark, a statement or another document, on pages and by
    /// commands. A payload that was erased since is no such change.
    func refuseChange(of review: OpenReview) async throws(Problem) {
        // Most reviews have no document; the files of the sample are long.
        guard let keys = registry.keys, let found = try await waiting(of: review),
            try await isCurrent(found, drawn(review))
        else { return }
        let people = found.signed(among: keys).map { "`\($0)`" }.joined(separator: ", ")
        throw Problem(
            .otherState,
            "\(people) signed the review, so nothing of it is changed; discard the document first",
            help:
                "interlock review sign \(review.id.text) signs the same document, and interlock review discard \(review.id.text) drops it"
        )
    }

    /// True if the document can still be signed: nothing that it says has changed since.
    private func isCurrent(
        _ signed: SignedReview, _ drawn: DrawnReview
    ) throws(Problem) -> Bool {
        do throws(Problem) {
            try check(signed.signOff, drawn)
            return true
        } catch {
            // A reviewer who is authorized no more keeps the document from ever being whole.
            guard error.kind == .otherState || error.kind == .noSuchPerson else { throw error }
            return false
        }
    }
}
