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
    init(_ bytes: [UInt8], _ trust: Trust) throws(Fault) {
        guard let note = SignedNote(bytes) else { throw Fault("it is no signed note") }
        let lines = note.text.dropLast()
            .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.count >= 3, !lines.contains(where: \.isEmpty),
            let size = Decimal.parse(lines[1]), let root = Digest(base64: lines[2])
        else { throw Fault("its text is no checkpoint") }
        self.size = size
        self.root = root
        origin = Octets(lines[0])
        text = note.text
        var isSigned = false
        var witnesses: Set<VerifierKey> = []
        for signature in note.signatures {
            for key in trust.keys where key.owns(signature) {
                guard key.verifies(signature, of: note.text) else {
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
