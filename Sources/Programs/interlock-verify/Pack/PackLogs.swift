/// A log of an evidence pack with its checkpoints at both ends of the period, verified by keys from outside.
struct PackLog {
    let listed: PackManifest.Log
    let end: Checkpoint
    /// The bytes of `checkpoint.end`, which each inclusion proof repeats.
    let endNote: [UInt8]
    /// The bytes of `checkpoint.start`; nil if the period begins with the log.
    let startNote: [UInt8]?
    private let start: Checkpoint?

    var folder: String { "logs/\(listed.origin)" }

    init(
        _ listed: PackManifest.Log, _ files: PackFiles, _ trust: Trust
    ) throws(PackFault) {
        self.listed = listed
        let folder = "logs/\(listed.origin)"
        let endName = folder + "/checkpoint.end"
        endNote = try files.contents(endName, limit: SignedNote.maximumBytes)
        end = try PackLog.checkpoint(endName, endNote, listed.origin, trust)
        guard end.size == listed.endSize, end.root == listed.endRoot else {
            throw .file(
                endName, expected: "size \(listed.endSize), root \(listed.endRoot.base64)",
                found: "size \(end.size), root \(end.root.base64)")
        }
        let startName = folder + "/checkpoint.start"
        if listed.startSize == 0, !files.has(startName) {
            startNote = nil
            start = nil
        } else {
            let note = try files.contents(startName, limit: SignedNote.maximumBytes)
            let head = try PackLog.checkpoint(startName, note, listed.origin, trust)
            guard head.size == listed.startSize else {
                throw .file(
                    startName, expected: "size \(listed.startSize)", found: "size \(head.size)")
            }
            startNote = note
            start = head
        }
    }

    private static func checkpoint(
        _ name: String, _ bytes: [UInt8], _ origin: Octets, _ trust: Trust
    ) throws(PackFault) -> Checkpoint {
        guard let note = CheckpointNote(bytes) else { throw .file(name, "it is no checkpoint") }
        guard note.origin == origin else {
            throw .file(name, expected: "the log `\(origin)`", found: "`\(note.origin)`")
        }
        do throws(Fault) { return try Checkpoint(note, trust) } catch {
            throw .file(name, "\(error)")
        }
    }

    /// Checks the size and the cosignatures of the end, by the trust policy of the person who verifies.
    func checkEnd(
        _ trust: Trust, atLeast minimum: UInt64?, _ report: inout PackReport
    ) throws(PackFault) {
        if let minimum, end.size < minimum {
            throw .file(
                folder + "/checkpoint.end", expected: "size \(minimum) at least",
                found: "size \(end.size)")
        }
        guard let policy = trust.policy, policy.quorum != nil else {
            let reason = trust.policy == nil ? "no trust file" : "no quorum in the trust file"
            report.leave(
                .checkpoints, "cosignatures of `\(listed.origin)`: \(reason), so none was required")
            return
        }
        guard policy.isMet(by: end.witnesses) else {
            throw .file(
                folder + "/checkpoint.end",
                "the quorum is not met: \(end.witnesses.count) known witnesses have cosigned")
        }
        if UInt64(end.witnesses.count) < listed.witnesses {
            report.leave(
                .checkpoints,
                "cosignatures of `\(listed.origin)`: \(listed.witnesses) are claimed, "
                    + "\(end.witnesses.count) are of witnesses in the trust file")
        }
    }

    /// Checks that the log at the end begins with the log at the start.
    func checkConsistency(_ files: PackFiles) throws(PackFault) {
        let name = folder + "/consistency.proof"
        guard let start else {
            guard !files.has(name) else {
                throw .file(name, "it proves nothing: there is no start")
            }
            return
        }
        let bytes = try files.contents(name, limit: ConsistencyProof.maximumBytes)
        guard let proof = ConsistencyProof(bytes) else {
            throw .file(name, "it is no consistency proof")
        }
        guard
            proof.proves(
                oldSize: start.size, oldRoot: start.root, size: end.size, root: end.root)
        else {
            throw .file(
                name,
                "the log of size \(end.size) does not extend that of size \(start.size) at the start"
            )
        }
    }
}
