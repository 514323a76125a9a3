/// A signed note whose text is a tree head (C2SP tlog-checkpoint), not verified yet.
struct CheckpointNote {
    let origin: Octets
    let size: UInt64
    let root: Digest
    let note: SignedNote

    /// - Returns: nil if the bytes are not such a note.
    init?(_ bytes: [UInt8]) {
        guard let note = SignedNote(bytes) else { return nil }
        let lines = note.text.dropLast()
            .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.count >= 3, !lines.contains(where: \.isEmpty),
            let size = Decimal.parse(lines[1]), let root = Digest(base64: lines[2])
        else { return nil }
        self.note = note
        self.size = size
        self.root = root
        origin = Octets(lines[0])
    }
}

/// A tree head that a trusted key of its log signed.
struct Checkpoint {
    let origin: Octets
    let size: UInt64
    let root: Digest
    /// The witnesses whose cosignature was verified.
    let witnesses: Set<VerifierKey>

    /// - Throws: the reason why the note is not trusted.
    init(_ parsed: CheckpointNote, _ trust: Trust) throws(Fault) {
        origin = parsed.origin
        size = parsed.size
        root = parsed.root
        var isSigned = false
        var witnesses: Set<VerifierKey> = []
        for signature in parsed.note.signatures {
            for key in trust.keys where key.owns(signature) {
                guard key.verifies(signature, of: parsed.note.text) else {
                    throw Fault("the signature of `\(key.name)` is wrong")
                }
                switch key.kind {
                case .note: isSigned = isSigned || key.name == origin
                case .cosignature: witnesses.insert(key)
                }
            }
        }
        guard isSigned else { throw Fault("it has no signature of a trusted key of its log") }
        self.witnesses = witnesses
    }

    func checkSize(_ minimum: UInt64?, _ findings: inout Findings) {
        if let minimum, size < minimum {
            findings.fault("the checkpoint has size \(size), at least \(minimum) was expected")
        }
    }
}
