/// Checks the seed of the samples, and that each sample lies in the period.
enum PackSamples {
    static func check(
        _ manifest: PackManifest, _ logs: [PackLog], _ files: PackFiles, _ records: PackRecords,
        _ controls: [(String, PackControl)], _ report: inout PackReport
    ) throws(PackFault) {
        if manifest.isSeedGiven {
            report.leave(
                .samples, "the seed was given by a person: ask the auditor whether it is theirs")
        } else {
            let root = manifest.seedHead?.root ?? manifest.logs[0].endRoot
            let seed = Crypto.sha256(Array("interlock/evidence-seed/1".utf8) + root.bytes)
            guard seed == manifest.seed else {
                throw .file(
                    PackFiles.manifest, expected: "seed \(seed.hex)", found: manifest.seed.hex)
            }
            try checkSeedHead(manifest, logs[0], files, records, &report)
        }
        let population = PackPopulation(manifest)
        for (name, control) in controls {
            let queries = PackQuery.all[control.id] ?? []
            for sample in control.samples {
                guard let record = records.all[sample.leaf] else {
                    throw .file(
                        name, "it names the record \(sample.leaf.hex), which the pack does not have"
                    )
                }
                guard queries.contains(where: { $0.kind == sample.kind && $0.holds(record.record) })
                else {
                    throw .file(
                        name, "the record \(sample.leaf.hex) is no sample `\(sample.kind)` of it")
                }
                guard population.contains(record.record, at: record.index, of: record.origin)
                else {
                    throw .file(
                        name, "the record \(sample.leaf.hex) is not of the period or its agents")
                }
            }
        }
    }
}

extension PackSamples {
    /// Checks that the tree of the seed is one of the log, and that its last record is the first after the period.
    private static func checkSeedHead(
        _ manifest: PackManifest, _ log: PackLog, _ files: PackFiles, _ records: PackRecords,
        _ report: inout PackReport
    ) throws(PackFault) {
        let name = log.folder + "/seed.proof"
        guard let head = manifest.seedHead else {
            guard !files.has(name) else {
                throw .file(name, "the manifest names no tree of the seed")
            }
            report.leave(
                .samples,
                "the seed follows from the end of the log, which the builder could choose")
            return
        }
        let bytes = try files.contents(name, limit: ConsistencyProof.maximumBytes)
        guard let proof = ConsistencyProof(bytes),
            proof.proves(
                oldSize: head.size, oldRoot: head.root, size: log.end.size, root: log.end.root)
        else { throw .file(name, "the log does not begin with the tree of the seed") }
        func record(at index: UInt64) -> Record? {
            records.all.values.first {
                $0.index == index && $0.origin == log.listed.origin
            }?.record
        }
        guard let last = record(at: head.size - 1), last.time >= manifest.to else {
            throw .file(
                PackFiles.manifest,
                "the record \(head.size - 1), which completes the tree of the seed, is not in the pack, "
                    + "or not from the end of the period")
        }
        guard head.size > max(1, log.listed.startSize + 1) else { return }
        guard let before = record(at: head.size - 2) else {
            report.leave(.samples, "the record before the one of the seed is not in the pack")
            return
        }
        guard before.time < manifest.to else {
            throw .file(
                PackFiles.manifest,
                "the record \(head.size - 1) is not the first after the period: the one before is")
        }
    }
}

/// The records that the figures of a pack are about: those of its agents, and those that name no agent, in its period.
/// Canaries do not count.
struct PackPopulation {
    /// The beginning of the names of the agents of drills and self-tests.
    private static let canaries = "interlock-drill"

    private let manifest: PackManifest

    init(_ manifest: PackManifest) { self.manifest = manifest }

    /// Returns whether the entry at `index` lies between the checkpoints of its log.
    func covers(_ index: UInt64, of origin: Octets) -> Bool {
        manifest.logs.contains {
            $0.origin == origin && index >= $0.startSize && index < $0.endSize
        }
    }

    /// Returns whether a record of the first log, from the start on, is from the end of the period or after it.
    func isAfter(_ record: Record, at index: UInt64, of origin: Octets) -> Bool {
        let log = manifest.logs[0]
        return log.origin == origin && index >= log.startSize && record.time >= manifest.to
    }

    func contains(_ record: Record, at index: UInt64, of origin: Octets) -> Bool {
        guard covers(index, of: origin), record.time >= manifest.from, record.time < manifest.to
        else { return false }
        guard let agent = record.fields.text("agent") else { return true }
        guard !PackPopulation.namesCanary(record) else { return false }
        return manifest.agents.isEmpty || manifest.agents.contains(agent)
    }

    static func namesCanary(_ record: Record) -> Bool {
        record.fields.text("agent")?.bytes.starts(with: Array(canaries.utf8)) ?? false
    }
}
