/// The keys that the log records as enrolled, for the people who voted in a chain.
struct Enrolments {
    private struct Credential: Hashable {
        let key: Digest
        /// The hash of the passkey's credential id; nil for a command-line key.
        var id: Digest?
        var relyingParty: Digest?
    }
    /// The credentials of each person, with the log index of their enrolment.
    private var held: [Octets: [Credential: UInt64]] = [:]

    /// - Parameters:
    ///   - place: the number of the chain.
    ///   - proved: the proof of the chain's last record, whose checkpoint covers the enrolments.
    init(
        _ place: Int, _ files: BundleFiles, _ proved: (head: Checkpoint, file: ProofFile)?,
        _ findings: inout Findings
    ) throws(Refusal) {
        guard let proved, let bytes = try files.contents("people/\(place).bin") else { return }
        guard let entries = EntryBundle.entries(bytes), !entries.isEmpty,
            !files.has("people/\(place)/\(entries.count).tlog-proof")
        else {
            findings.fault("`people/\(place).bin` holds no records, or others than are proved")
            return
        }
        var last: UInt64?
        for (number, range) in entries.enumerated() {
            let proof = try files.contents("people/\(place)/\(number).tlog-proof")
            guard let file = proof.flatMap(ProofFile.init), file.note == proved.file.note,
                file.proves(Tree.leaf(bytes[range]), in: proved.head),
                last.map({ $0 < file.proof.index }) ?? true,
                file.proof.index < proved.file.proof.index,
                let record = try? Record(bytes, in: range), take(record, at: file.proof.index)
            else {
                findings.fault(
                    "`people/\(place).bin`, record \(number): no enrolment before the votes")
                return
            }
            last = file.proof.index
        }
    }

    private mutating func take(_ record: Record, at index: UInt64) -> Bool {
        let fields = record.fields
        guard record.type == "approver.enrolled", let holder = fields.text("by"),
            let kind = fields.text("kind"), let key = fields.digest("key")
        else { return false }
        var credential = Credential(key: key)
        if kind.bytes.isText("passkey") {
            guard let id = fields.digest("cred"), let party = fields.text("rp") else {
                return false
            }
            credential.id = id
            credential.relyingParty = Crypto.sha256(party.bytes)
        }
        // The records are in the log's order, and the first enrolment of a key counts.
        let first = held[holder]?[credential] ?? index
        held[holder, default: [:]][credential] = first
        return true
    }

    /// Returns whether the log records the key as this person's, or nil if the bundle has no enrolments of the person.
    ///
    /// - Parameter index: the log index of the signed record, if it is proved.
    func holds(_ signer: VoteEnvelope.Signer, _ person: Octets, before index: UInt64?) -> Bool? {
        guard let own = held[person] else { return nil }
        guard let enrolled = credential(of: signer).flatMap({ own[$0] }) else { return false }
        return index.map { enrolled < $0 } ?? true
    }

    private func credential(of signer: VoteEnvelope.Signer) -> Credential? {
        switch signer {
        case .key(let key): Digest(key).map { Credential(key: $0) }
        case .passkey(let assertion):
            Credential(
                key: Crypto.sha256(assertion.key), id: Crypto.sha256(assertion.credential),
                relyingParty: assertion.relyingParty)
        }
    }
}
