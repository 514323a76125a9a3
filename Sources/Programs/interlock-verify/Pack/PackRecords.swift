/// A record of an evidence pack, proved to be in one of its logs.
struct PackRecord {
    let record: Record
    let hash: Digest
    let index: UInt64
    let origin: Octets
}

/// The records of an evidence pack by leaf hash.
struct PackRecords {
    private(set) var all: [Digest: PackRecord] = [:]

    init(_ files: PackFiles, _ logs: [PackLog]) throws(PackFault) {
        for name in files.names(in: "records") {
            guard let hash = PackRecords.hash(name, under: "records/", endingIn: ".json") else {
                throw .file(name, "it is no name of a record")
            }
            all[hash] = try PackRecords.record(name, hash, files, logs)
        }
        for name in files.names(in: "proofs") {
            guard let hash = PackRecords.hash(name, under: "proofs/", endingIn: ".tlog-proof"),
                all[hash] != nil
            else { throw .file(name, "it proves no record of the pack") }
        }
    }

    private static func hash(
        _ name: String, under folder: String, endingIn ending: String
    ) -> Digest? {
        guard name.hasPrefix(folder), name.hasSuffix(ending) else { return nil }
        return Digest(
            hex: Array(name.utf8.dropFirst(folder.utf8.count).dropLast(ending.utf8.count)))
    }

    private static func record(
        _ name: String, _ hash: Digest, _ files: PackFiles, _ logs: [PackLog]
    ) throws(PackFault) -> PackRecord {
        let bytes = try files.contents(name, limit: Record.maximumBytes)
        let found = Tree.leaf(bytes[...])
        guard found == hash else { throw .file(name, expected: hash.hex, found: found.hex) }
        let record: Record
        do throws(Fault) { record = try Record(bytes) } catch { throw .file(name, "\(error)") }
        let proofName = "proofs/\(hash.hex).tlog-proof"
        let proof = try files.contents(proofName, limit: ProofFile.maximumBytes)
        guard let file = ProofFile(proof) else { throw .file(proofName, "it is no proof") }
        guard let log = logs.first(where: { $0.endNote == file.note }) else {
            throw .file(proofName, "its checkpoint is none of the pack")
        }
        guard file.proves(hash, in: log.end) else {
            throw .file(proofName, "the record does not stand at this place of the log")
        }
        do throws(Fault) {
            try record.check(at: file.proof.index, of: log.listed.origin)
        } catch { throw .file(name, "\(error)") }
        return PackRecord(
            record: record, hash: hash, index: file.proof.index, origin: log.listed.origin)
    }

    /// The credentials that records of the pack enrol for people.
    var enrolled: Set<PackSigner> {
        Set(all.values.compactMap { PackSigner(enrolledBy: $0.record) })
    }

    /// The time of the newest record in whole seconds; 0 without records.
    var newestSecond: UInt64 {
        (all.values.map(\.record.time).max() ?? 0) / 1_000_000 * 1_000_000
    }

    /// Returns the time until which the newest record that lists this key for evidence does so, `.max` without an end, or
    /// nil if none does.
    func evidenceKeyEnd(_ key: [UInt8]) -> UInt64? {
        var newest: (index: UInt64, end: UInt64)?
        for one in all.values where one.record.type == "key.listed" {
            let fields = one.record.fields
            guard fields.text("use") == Octets("evidence"),
                let vkey = fields.text("vkey").flatMap({ VerifierKey($0.bytes) }), vkey.key == key
            else { continue }
            if let newest, newest.index > one.index { continue }
            newest = (index: one.index, end: fields.integer("until") ?? .max)
        }
        return newest?.end
    }
}
