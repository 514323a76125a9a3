/// The keys that the log says were enrolled, of the people who voted in a chain.
struct Enrolments {
    private struct Credential: Hashable {
        let key: Digest
        /// Of a passkey.
        var id: Digest?
        var relyingParty: Digest?
    }
    private var held: [Octets: Set<Credential>] = [:]

    /// - Parameters:
    ///   - place: of the chain.
    ///   - proved: how its last record was, which stands behind these.
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
                let record = try? Record(bytes, in: range), take(record)
            else {
                findings.fault(
                    "`people/\(place).bin`, record \(number): no enrolment before the votes")
                return
            }
            last = file.proof.index
        }
    }

    private mutating func take(_ record: Record) -> Bool {
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
        held[holder, default: []].insert(credential)
        return true
    }

    /// Whether the log says that it is this person's; nil when the bundle says nothing of the person.
    func holds(_ signer: VoteEnvelope.Signer, _ person: Octets) -> Bool? {
        guard let own = held[person] else { return nil }
        switch signer {
        case .key(let key): return Digest(key).map { own.contains(Credential(key: $0)) } ?? false
        case .passkey(let assertion):
            return own.contains(
                Credential(
                    key: Crypto.sha256(assertion.key), id: Crypto.sha256(assertion.credential),
                    relyingParty: assertion.relyingParty))
        }
    }
}
