/// The head of a tree (C2SP tlog-checkpoint), taken from a note that a trusted log key signed.
struct Checkpoint {
    let origin: Octets
    let size: UInt64
    let root: Digest
    /// What was signed.
    let text: [UInt8]
    /// Witnesses whose cosignature was verified.
    let witnesses: Set<VerifierKey>

    /// - Throws: why these bytes are no checkpoint of a trusted log.
    init(_ bytes: [UInt8], _ trust: Trust) throws(CheckpointFault) {
        guard let note = SignedNote(bytes) else { throw .noNote }
        let lines = note.text.dropLast()
            .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.count >= 3, !lines.contains(where: \.isEmpty),
            let size = Decimal.parse(lines[1]), let root = Digest(base64: lines[2])
        else { throw .noCheckpoint }
        self.size = size
        self.root = root
        origin = Octets(lines[0])
        text = note.text
        var isSigned = false
        var witnesses: Set<VerifierKey> = []
        for signature in note.signatures {
            for key in trust.keys where key.owns(signature) {
                guard key.verifies(signature, of: note.text) else { throw .badSignature(key.name) }
                switch key.kind {
                case .note: isSigned = isSigned || key.name == origin
                case .cosignature: witnesses.insert(key)
                }
            }
        }
        guard isSigned else { throw .notTrusted }
        self.witnesses = witnesses
    }
}

enum CheckpointFault: Error {
    case noNote
    case noCheckpoint
    /// A trusted key is named, but the signature is not its.
    case badSignature(Octets)
    case notTrusted
}

extension CheckpointFault: CustomStringConvertible {
    var description: String {
        switch self {
        case .noNote: "it is no signed note"
        case .noCheckpoint: "its text is no checkpoint"
        case .badSignature(let name): "the signature of `\(name)` is wrong"
        case .notTrusted: "it has no signature of a trusted key of its log"
        }
    }
}
