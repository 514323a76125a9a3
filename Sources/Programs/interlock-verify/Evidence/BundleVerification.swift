/// Checks the evidence bundle of a run (docs/auditing.md, section 9).
struct BundleVerification {
    private let archive: TarFile
    private let manifest: Manifest
    private var findings = Findings()
    private var done: [String] = []

    static func verify(
        _ path: String, _ trust: Trust, _ arguments: Arguments
    ) throws(Refusal) -> Findings {
        try arguments.refuse(
            [
                ("--old-checkpoint", !arguments.oldCheckpoints.isEmpty),
                ("--min-index", arguments.minimumIndex != nil),
                ("--payloads", arguments.payloads != nil), ("--tree-only", arguments.treeOnly),
            ], for: "an evidence bundle")
        let archive = try TarFile(path)
        guard let first = archive.entries.first, first.name == "manifest.json",
            let manifest = Manifest(try archive.contents(first, limit: Manifest.maximumBytes))
        else { throw Refusal(.malformed, "`\(path)` does not begin with a manifest") }
        var verification = BundleVerification(archive: archive, manifest: manifest)
        try verification.run(trust, arguments)
        return verification.findings
    }

    private init(archive: TarFile, manifest: Manifest) {
        self.archive = archive
        self.manifest = manifest
    }

    private mutating func run(_ trust: Trust, _ arguments: Arguments) throws(Refusal) {
        guard let files = try BundleFiles(archive, manifest, &findings) else {
            findings.summary = "the files of the bundle are not those of its manifest"
            return
        }
        let people = try arguments.people.map { path throws(Refusal) in try People(path) }
        findings.lacksOutsideMemory = false
        var opened = Openings()
        var chains: [Chain] = []
        for (place, listed) in manifest.chains.enumerated() {
            guard let bytes = try files.contents("chain/\(place).bin"),
                let chain = Chain(bytes, listed, manifest.run, place, &findings)
            else { continue }
            chains.append(chain)
            try prove(chain, place, listed, files, trust, arguments)
        }
        try opened.open(chains, files, &findings)
        done += opened.summary
        checkPolicies(chains, files)
        for chain in chains {
            done += VoteCheck.check(chain, opened, people, &findings)
        }
        if let policy = arguments.trust, let exported = try files.contents("trust.policy"),
            try Files.required(policy, limit: TrustPolicy.maximumBytes) != exported
        {
            findings.warn("the exporter's trust policy is another than yours; yours was used")
        }
        let count = chains.reduce(0) { $0 + $1.records.count }
        let open = chains.reduce(0) { $0 + $1.openIntents }
        let end = manifest.chains.contains(where: \.isEnded) ? "ended" : "not ended"
        findings.summary =
            (["run \(manifest.runText), \(count) records, \(end), \(open) open calls"] + done)
            .joined(separator: ", ")
    }

    /// The proof of the last record, which names all others, and those of each record if there are any.
    private mutating func prove(
        _ chain: Chain, _ place: Int, _ listed: Manifest.Chain, _ files: BundleFiles,
        _ trust: Trust,
        _ arguments: Arguments
    ) throws(Refusal) {
        guard let last = chain.records.last,
            let proof = try files.contents("chain/\(place).tlog-proof").flatMap(ProofFile.init)
        else { return findings.fault("`chain/\(place).tlog-proof` is no proof") }
        do throws(ProofFault) {
            let head = try proof.prove(last.hash, trust)
            guard head.origin == listed.origin, proof.proof.index == listed.index else {
                return findings.fault(
                    "chain \(place) is proved at another place than the manifest says")
            }
            trust.checkQuorum(head, &findings)
            if let minimum = arguments.minimumSize, head.size < minimum {
                findings.fault(
                    "the proof is for size \(head.size), at least \(minimum) was expected")
            }
            done.append("proved in \(head.origin) of size \(head.size)")
            try proveEach(chain, place, head, files, trust)
        } catch {
            findings.fault("chain \(place): \(error)")
        }
    }

    private mutating func proveEach(
        _ chain: Chain, _ place: Int, _ head: Checkpoint, _ files: BundleFiles, _ trust: Trust
    ) throws(ProofFault) {
        var proved = 0
        var last: UInt64?
        for (sequence, record) in chain.records.enumerated() {
            let name = "chain/\(place)/\(sequence).tlog-proof"
            guard files.has(name) else { continue }
            guard let proof = (try? files.contents(name)).flatMap({ $0 }).flatMap(ProofFile.init)
            else {
                findings.fault("`\(name)` is no proof")
                continue
            }
            let own = try proof.prove(record.hash, trust)
            let isLater = last.map { $0 < proof.proof.index } ?? true
            if own.text != head.text || !isLater {
                findings.fault("`\(name)` does not go with the proof of the chain")
            }
            last = proof.proof.index
            proved += 1
        }
        if proved > 0 { done.append("\(proved) records proved one by one") }
    }

    /// Policies in force are their own names.
    private mutating func checkPolicies(_ chains: [Chain], _ files: BundleFiles) {
        let used = Set(chains.flatMap { $0.records.compactMap { $0.record.fields.digest("pol") } })
        var count = 0
        for name in files.names where name.hasPrefix("policies/") {
            let digest = Digest(hex: name.utf8.dropFirst(9))
            if digest == nil || manifest.digests[name] != digest {
                findings.fault("`\(name)` is not the policy of its name")
            } else if let digest, !used.contains(digest) {
                findings.fault("no record names the policy of `\(name)`")
            }
            count += 1
        }
        if count < used.count {
            findings.warn(
                "\(used.count - count) of \(used.count) policies in force are not in the bundle")
        }
    }
}
