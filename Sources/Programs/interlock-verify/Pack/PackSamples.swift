/// Checks the seed of the samples, and that each sample lies in the period.
enum PackSamples {
    static func check(
        _ manifest: PackManifest, _ logs: [PackLog], _ records: PackRecords,
        _ controls: [(String, PackControl)], _ report: inout PackReport
    ) throws(PackFault) {
        if manifest.isSeedGiven {
            report.leave(
                .samples, "the seed was given by a person: ask the auditor whether it is theirs")
        } else {
            let seed = Crypto.sha256(
                Array("interlock/evidence-seed/1".utf8) + manifest.logs[0].endRoot.bytes)
            guard seed == manifest.seed else {
                throw .file(
                    PackFiles.manifest, expected: "seed \(seed.hex)", found: manifest.seed.hex)
            }
        }
        for (name, control) in controls {
            for sample in control.samples {
                guard let record = records.all[sample.leaf] else {
                    throw .file(
                        name, "it names the record \(sample.leaf.hex), which the pack does not have"
                    )
                }
                let queries = PackQuery.all[control.id] ?? []
                guard queries.contains(where: { $0.kind == sample.kind && $0.holds(record.record) })
                else {
                    throw .file(
                        name, "the record \(sample.leaf.hex) is no sample `\(sample.kind)` of it")
                }
                guard
                    PackPopulation(manifest).contains(
                        record.record, at: record.index, of: record.origin)
                else {
                    throw .file(
                        name, "the record \(sample.leaf.hex) is not of the period or its agents")
                }
            }
        }
    }
}

/// The records that the figures of a pack are about: those of its agents in its period.
struct PackPopulation {
    private let manifest: PackManifest

    init(_ manifest: PackManifest) { self.manifest = manifest }

    /// Returns whether the entry at `index` lies between the checkpoints of its log.
    func covers(_ index: UInt64, of origin: Octets) -> Bool {
        manifest.logs.contains {
            $0.origin == origin && index >= $0.startSize && index < $0.endSize
        }
    }

    func contains(_ record: Record, at index: UInt64, of origin: Octets) -> Bool {
        guard covers(index, of: origin), record.time >= manifest.from, record.time < manifest.to
        else { return false }
        return manifest.agents.isEmpty
            || record.fields.text("agent").map { manifest.agents.contains($0) } ?? false
    }
}
