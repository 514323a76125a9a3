/// A `.tlog-proof`: an index, an inclusion proof and a signed checkpoint (C2SP tlog-proof).
struct ProofFile {
    let proof: InclusionProof
    /// The signed note, not verified yet.
    let note: [UInt8]

    static let maximumBytes = 1 << 20

    /// - Returns: nil if the bytes are not a proof.
    init?(_ bytes: [UInt8]) {
        guard bytes.count <= ProofFile.maximumBytes else { return nil }
        var rest = bytes[...]
        func line() -> ArraySlice<UInt8>? {
            guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
            defer { rest = rest[(end + 1)...] }
            return rest[..<end]
        }
        guard let first = line(), first.isText("c2sp.org/tlog-proof@v1"), var next = line() else {
            return nil
        }
        if next.starts(with: Array("extra ".utf8)) {
            guard Base64.decode(next.dropFirst(6)) != nil, let following = line() else {
                return nil
            }
            next = following
        }
        guard next.starts(with: Array("index ".utf8)), let index = Decimal.parse(next.dropFirst(6))
        else { return nil }
        var path: [Digest] = []
        while let text = line(), !text.isEmpty {
            guard let hash = Digest(base64: text), path.count < InclusionProof.maximumPath else {
                return nil
            }
            path.append(hash)
        }
        proof = InclusionProof(index: index, path: path)
        note = Array(rest)
    }

    /// - Parameter checkpoint: the verified checkpoint of `note`.
    func proves(_ leaf: Digest, in checkpoint: Checkpoint) -> Bool {
        proof.root(leaf: leaf, size: checkpoint.size) == checkpoint.root
    }
}

/// Verifies `PROOF LEAFFILE`: the proof of one record.
enum ProofVerification {
    static func verify(
        _ path: String, leaf leafPath: String, _ trust: Trust, _ arguments: Arguments
    ) throws(Refusal) -> Findings {
        try arguments.refuse(
            "--old-checkpoint", "--min-index", "--payloads", "--people", for: "a proof")
        let bytes = try Files.required(path, limit: ProofFile.maximumBytes)
        guard let file = ProofFile(bytes), let note = CheckpointNote(file.note) else {
            throw Refusal(.malformed, "`\(path)` is no proof")
        }
        let minimum = try arguments.number("--min-size")
        var leaf = try Files.beginning(leafPath, Record.maximumBytes + 2)
        let isRecord = !arguments.has("--tree-only")
        // No record ends in a newline, but tools that print a record add one.
        if isRecord, leaf.last == UInt8(ascii: "\n") { leaf.removeLast() }
        let hash = Tree.leaf(leaf[...])
        var findings = Findings()
        findings.summary = "record \(file.proof.index), leaf hash \(hash.base64)"
        do {
            guard (1...Record.maximumBytes).contains(leaf.count) else {
                throw Fault("an entry has 1 to \(Record.maximumBytes) bytes")
            }
            if isRecord { try Record(leaf).check(at: file.proof.index, of: note.origin) }
        } catch { findings.fault("the record: \(error)") }
        do {
            let checkpoint = try Checkpoint(note, trust)
            trust.checkQuorum(checkpoint, &findings)
            checkpoint.checkSize(minimum, &findings)
            if !file.proves(hash, in: checkpoint) {
                findings.fault("the record does not stand at this place of the log")
            }
            findings.summary += ", in \(checkpoint.origin) of size \(checkpoint.size)"
        } catch { findings.fault("the checkpoint of the proof: \(error)") }
        return findings
    }
}
