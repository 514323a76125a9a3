/// Checks the evidence bundle of a run (docs/auditing.md, section 9).
struct BundleVerification {
    private let manifest: Manifest
    private let files: BundleFiles
    private var findings: Findings
    private var done: [String] = []

    static func verify(
        _ path: String, _ trust: Trust, _ arguments: Arguments
    ) throws(Refusal) -> Findings {
        try arguments.refuse(
            "--old-checkpoint", "--min-index", "--payloads", "--tree-only",
            for: "an evidence bundle")
        let people = try arguments["--people"].map { path throws(Refusal) in try People(path) }
        let archive = try TarFile(path)
        guard let first = archive.entries.first, first.name == "manifest.json",
            let manifest = Manifest(try archive.contents(first, limit: Manifest.maximumBytes))
        else { throw Refusal(.malformed, "`\(path)` does not begin with a manifest") }
        var findings = Findings()
        if Set(manifest.chains.map(\.origin)).count < manifest.chains.count {
            findings.fault("two chains of one log")
        }
        guard let files = try BundleFiles(archive, manifest, &findings) else {
            findings.summary = "the files of the bundle are not those of its manifest"
            return findings
        }
        var verification = BundleVerification(manifest: manifest, files: files, findings: findings)
        try verification.run(trust, people, arguments)
        return verification.findings
    }

    private mutating func run(
        _ trust: Trust, _ people: People?, _ arguments: Arguments
    ) throws(Refusal) {
        let minimum = try arguments.number("--min-size")
        var opened = Openings()
        var chains: [(chain: Chain, signers: Signers)] = []
        for (place, listed) in manifest.chains.enumerated() {
            guard let bytes = try files.contents("chain/\(place).bin"),
                let chain = Chain(bytes, listed, manifest.run, place, &findings)
            else { continue }
            let proved = try prove(chain, place, trust)
            var indices: [Digest: UInt64] = [:]
            if let proved {
                proved.head.checkSize(minimum, &findings)
                indices = try proveEach(chain, place, proved)
            }
            let enrolments = try Enrolments(place, files, proved, &findings)
            chains.append(
                (chain, Signers(people: people, enrolments: enrolments, indices: indices)))
        }
        try opened.open(chains.map(\.chain), files, &findings)
        done += opened.summary
        checkPolicies(chains.map(\.chain))
        for (chain, signers) in chains {
            done += QuorumCheck.check(chain, opened, signers, &findings)
            done += VoteCheck.check(chain, opened, signers, &findings)
            done += UseCheck.check(chain, &findings)
        }
        if let own = arguments["--trust"], let exported = try files.contents("trust.policy"),
            try Files.required(own, limit: TrustPolicy.maximumBytes) != exported
        {
            findings.warn("the exporter's trust policy is another than yours; yours was used")
        }
        let count = chains.reduce(0) { $0 + $1.chain.records.count }
        let open = chains.reduce(0) { $0 + $1.chain.openIntents }
        let end = manifest.chains.contains(where: \.isEnded) ? "ended" : "not ended"
        let run = "run \(manifest.runText), \(count) records, \(end), \(open) open calls"
        findings.summary = ([run] + done).joined(separator: ", ")
    }

    /// Verifies the proof of the last record, which commits to all others.
    private mutating func prove(
        _ chain: Chain, _ place: Int, _ trust: Trust
    ) throws(Refusal) -> (head: Checkpoint, file: ProofFile)? {
        let listed = manifest.chains[place]
        let bytes = try files.contents("chain/\(place).tlog-proof")
        guard let last = chain.records.last, let file = bytes.flatMap(ProofFile.init),
            let note = CheckpointNote(file.note)
        else {
            findings.fault("`chain/\(place).tlog-proof` is no proof")
            return nil
        }
        do throws(Fault) {
            let head = try Checkpoint(note, trust)
            guard file.proves(last.hash, in: head) else {
                throw Fault("its last record does not stand at this place of the log")
            }
            trust.checkQuorum(head, &findings)
            done.append("proved in \(head.origin) of size \(head.size)")
            if head.origin != listed.origin || file.proof.index != listed.index {
                findings.fault("chain \(place) is proved elsewhere than the manifest says")
            }
            return (head, file)
        } catch {
            findings.fault("chain \(place): \(error)")
            return nil
        }
    }

    /// Verifies the proofs of single records, if there are any: each must contain, byte for byte, the checkpoint of the
    /// chain's own proof, which was verified there.
    /// - Returns: the index of each of these records in the log.
    private mutating func proveEach(
        _ chain: Chain, _ place: Int, _ proved: (head: Checkpoint, file: ProofFile)
    ) throws(Refusal) -> [Digest: UInt64] {
        var places: [Digest: UInt64] = [:]
        var indices: [UInt64] = []
        for (sequence, record) in chain.records.enumerated() {
            let name = "chain/\(place)/\(sequence).tlog-proof"
            guard let bytes = try files.contents(name) else { continue }
            if let file = ProofFile(bytes), file.note == proved.file.note,
                file.proves(record.hash, in: proved.head),
                indices.last.map({ $0 < file.proof.index }) ?? true
            {
                indices.append(file.proof.index)
                places[record.hash] = file.proof.index
            } else {
                findings.fault("`\(name)` does not prove its record as the chain is proved")
            }
        }
        if let last = indices.last, last != proved.file.proof.index {
            findings.fault("chain \(place) has two places of its last record")
        }
        if !indices.isEmpty { done.append("\(indices.count) records proved one by one") }
        return places
    }

    /// Checks the policies, whose file names are their digests.
    private mutating func checkPolicies(_ chains: [Chain]) {
        let used = Set(chains.flatMap { $0.records.compactMap { $0.record.fields.digest("pol") } })
        let names = files.names.filter { $0.hasPrefix("policies/") }
        for name in names {
            let digest = Digest(hex: name.utf8.dropFirst(9))
            if digest == nil || manifest.digests[name] != digest
                || !used.contains(where: { $0 == digest })
            {
                findings.fault("`\(name)` is no policy that a record names")
            }
        }
        if names.count < used.count {
            findings.warn(
                "\(used.count - names.count) of \(used.count) policies are not in the bundle")
        }
    }
}
