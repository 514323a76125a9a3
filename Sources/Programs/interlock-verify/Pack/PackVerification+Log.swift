extension PackVerification {
    /// Verifies the logs that were given, and counts in the same pass what the controls state.
    mutating func recount(
        _ manifest: PackManifest, _ logs: [PackLog], _ controls: [(String, PackControl)],
        _ statements: PackStatements, _ enrolled: Set<PackSigner>
    ) throws(PackFault) {
        let most = controls.map { $0.1.samples.count }.max() ?? 0
        var recount = PackRecount(
            PackPopulation(manifest), seed: manifest.seed, samples: most)
        let folders = arguments.all("--log")
        if folders.isEmpty {
            report.leave(.counts, "no log was given: the counts are the signer's statement")
            report.leave(.samples, "no log was given: which records were eligible is not known")
        } else {
            try compare(folders, manifest, logs, controls, &recount)
        }
        try PackSigner.check(statements.people, recount.enrolled)
        leaveSigners(statements, logs, recount.listed, recount.enrolled.union(enrolled))
    }

    private mutating func compare(
        _ folders: [String], _ manifest: PackManifest, _ logs: [PackLog],
        _ controls: [(String, PackControl)], _ recount: inout PackRecount
    ) throws(PackFault) {
        var places: [(name: String, place: Int, stated: UInt64)] = []
        for (name, control) in controls {
            for count in control.counts {
                guard case .leaf(let values, let stated) = count else { continue }
                places.append((name, recount.add(values), stated))
            }
        }
        for folder in folders { try verifyLog(folder, logs, &recount) }
        for log in logs where !recount.origins.contains(log.listed.origin) {
            report.leave(.counts, "the log `\(log.listed.origin)` was not given")
        }
        guard recount.origins.count == logs.count, !recount.isPartial else {
            if recount.isPartial { report.leave(.counts, "entries of the period were pruned") }
            report.leave(.samples, "not every record of the period was seen")
            return
        }
        for (name, place, stated) in places where recount.count(place) != stated {
            throw .file(
                name, expected: "a count of \(recount.count(place)) records", found: "\(stated)")
        }
        if let head = manifest.seedHead, recount.firstAfter != head.size - 1 {
            throw .file(
                PackFiles.manifest,
                expected: "the seed of record \(recount.firstAfter.map { String($0) } ?? "none")",
                found: "\(head.size - 1)")
        }
        try compareRules(controls, recount)
        try compareSamples(controls, recount)
    }

    private func verifyLog(
        _ folder: String, _ logs: [PackLog], _ recount: inout PackRecount
    ) throws(PackFault) {
        let findings: Findings
        do throws(Refusal) {
            let note = try Files.beginning(folder + "/checkpoint", SignedNote.maximumBytes + 1)
            let origin = CheckpointNote(note)?.origin
            guard let log = logs.first(where: { $0.listed.origin == origin }),
                !recount.origins.contains(log.listed.origin)
            else {
                throw Refusal(.malformed, "`\(folder)` is no log of the pack, or is given twice")
            }
            var old = [(name: log.folder + "/checkpoint.end", note: log.endNote)]
            if let start = log.startNote {
                old.append((name: log.folder + "/checkpoint.start", note: start))
            }
            findings = try LogVerification.verify(
                folder, trust, arguments, extending: old, counting: &recount)
        } catch { throw .refused(error) }
        if let fault = findings.faults.first { throw .broken("the log `\(folder)`: \(fault)") }
    }

    /// Compares what the named rules find.
    private mutating func compareRules(
        _ controls: [(String, PackControl)], _ recount: PackRecount
    ) throws(PackFault) {
        for (name, control) in controls {
            for count in control.counts {
                switch count {
                case .leaf: break
                case .check(let rule, let stated):
                    guard let found = recount.found(by: rule) else {
                        report.leave(.counts, "`\(name)`: this version has no rule `\(rule)`")
                        continue
                    }
                    guard found == stated else {
                        throw .file(name, expected: "`\(rule)` \(found)", found: "\(stated)")
                    }
                case .replay(let id):
                    report.leave(
                        .counts, "`\(name)`: the replay `\(id)` needs the keys of the payloads")
                }
            }
        }
    }

    /// Compares the samples with those that follow from the seed; their order is that of the control file.
    private func compareSamples(
        _ controls: [(String, PackControl)], _ recount: PackRecount
    ) throws(PackFault) {
        for (name, control) in controls {
            let expected = Set(recount.samples(of: control.id).map(\.hex))
            let found = Set(control.samples.map(\.leaf.hex))
            guard expected != found else { continue }
            let missing = expected.subtracting(found).min() ?? "no further record"
            let other = found.subtracting(expected).min() ?? "none"
            throw .file(name, expected: "the sample \(missing)", found: other)
        }
    }

    /// Reports the signers that are not established: those of a release are known from the auditor alone, those of
    /// promotions and reviews if the log enrols them for a person, and all others if it lists or enrols them.
    private mutating func leaveSigners(
        _ statements: PackStatements, _ logs: [PackLog], _ listed: Set<PackSigner>,
        _ enrolled: Set<PackSigner>
    ) {
        let origins = Set(logs.map(\.listed.origin))
        let releaseKeys = trust.keys.filter { $0.kind == .note && !origins.contains($0.name) }
        leave(
            statements.releaseSigners, unless: Set(releaseKeys.map { PackSigner(key: $0.key) }))
        leave(statements.people, unless: enrolled)
        leave(statements.signers, unless: listed.union(enrolled))
    }

    private mutating func leave(_ signers: [PackSigner: String], unless known: Set<PackSigner>) {
        for (signer, name) in signers.sorted(by: { $0.value < $1.value })
        where !known.contains(signer) {
            let kind = signer.passkey.isEmpty ? "key" : "passkey"
            report.leave(
                .signatures,
                "`\(name)`: whose \(kind) `\(Base64.encode(signer.key))` is was not established")
        }
    }
}
