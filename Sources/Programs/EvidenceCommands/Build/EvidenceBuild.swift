import Glibc
import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockDeployment
import InterlockEvidencePack
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockStore

/// Builds one pack: what the log shows, what was signed, and the controls that follow from both.
struct EvidenceBuild {
    private let request: EvidenceRequest
    private let input: EvidenceInput
    private let key: Ed25519PrivateKey
    private var log: EvidenceLog
    private let statements: SignedStatements
    private let tests: TestReports
    private let built: Timestamp
    private var policies: [(digest: Digest, bytes: [UInt8])] = []
    private var missingPolicies: [Digest] = []
    /// The files of the pack, in the order in which they are written.
    private var files: [(name: String, bytes: [UInt8])] = []

    /// Reads everything and writes nothing.
    ///
    /// - Throws: exit 66 without an evidence key, 1 if the log does not list it.
    init(_ request: EvidenceRequest, _ input: EvidenceInput) throws {
        self.request = request
        self.input = input
        do throws(KeyFailure) { key = try EvidenceKey.open(in: input.deployment.keys) } catch {
            throw Failure(
                error.code == .missing ? .notFound : .notPermitted, error.reason,
                help: "`interlock serve` makes the key, and lists it in the log")
        }
        guard let vkey = EvidenceKeyListing.verifierKey(key) else {
            throw Failure(.data, "the evidence key has no usable form")
        }
        log = try EvidenceLog(input, request, evidenceKey: vkey)
        guard log.records.keyListing != nil else {
            throw Failure(
                .no, "the log does not list the evidence key up to the checkpoint",
                help: "restart `interlock serve`, which lists it, and wait for the checkpoint")
        }
        built = SystemClock().now.wall.wholeSecond
        statements = try SignedStatements(log, input, hasNames: request.hasNames)
        tests = try TestReports(log, input)
        for digest in log.records.policies {
            let bytes = try StoreFailure.exits(
                .data, try input.deployment.policyArchive.canonical(of: digest))
            if let bytes {
                policies.append((digest, bytes))
            } else {
                missingPolicies.append(digest)
            }
        }
        try gather()
        try checkClock()
    }

    /// - Throws: exit 1 if the clock is before a record of the pack, which verifiers refuse.
    private func checkClock() throws {
        for file in files where file.name.hasPrefix("records/") {
            guard let time = (try? StoredRecord(parsing: file.bytes))?.time,
                time.wholeSecond > built
            else { continue }
            throw Failure(
                .no, "the clock of this machine is before the record `\(file.name)`",
                help: "set the clock, and build the pack again")
        }
    }

    /// The records that the pack contains.
    var recordCount: Int { files.count { $0.name.hasPrefix("records/") } }

    /// Writes the pack.
    func write(to folder: inout PackFolder) throws -> EvidenceReport {
        let controls = controls
        let manifest = try manifest
        try folder.begin()
        for file in files { try folder.add(file.name, file.bytes) }
        var controlFiles: [[UInt8]] = []
        for control in controls {
            let bytes = try control.json.canonical()
            controlFiles.append(bytes)
            try folder.add(PackFileName.control(control.id), bytes)
        }
        var maps: [[UInt8]] = []
        for map in request.frameworks {
            let bytes = try map.json.canonical()
            maps.append(bytes)
            try folder.add(PackFileName.framework(map.id), bytes)
        }
        let head = manifest.head(controls)
        let reports = [
            PackFileName.readme, PackFileName.reportMarkdown, PackFileName.reportHTML,
        ]
        let names = folder.files.map(\.name) + reports
        let report = try EvidenceReport(
            head: head, controls: controlFiles, frameworks: maps,
            reviews: request.hasNames ? statements.reviews.reviews : [], names: names)
        let readme = PackReadme.markdown(head, names: names)
        try folder.add(PackFileName.readme, Array(readme.utf8))
        try folder.add(PackFileName.reportMarkdown, Array(report.markdown.utf8))
        try folder.add(PackFileName.reportHTML, Array(report.html.utf8))
        let payload = try manifest.payload(controls, files: folder.files).canonical()
        guard payload.count <= EvidenceManifest.payloadLimit else {
            throw Failure(.cannotCreate, "the pack has more files than verifiers take")
        }
        try folder.finish(manifest: key.envelope(.evidence, payload).bytes, verify: verify)
        return report
    }

    /// Lets the verifier that shares no code with this one check a pack, without the log.
    ///
    /// - Throws: exit 65 if it finds a fault, which it prints.
    private func verify(_ path: String) throws(Failure) {
        let words = ["evidence", path] + input.keys.flatMap { ["--vkey", "\($0)"] }
        guard SmallVerifier.run(words, errors: nil) != 0 else { return }
        _ = SmallVerifier.run(words, errors: STDERR_FILENO)
        throw Failure(
            .data, "`\(path)` does not verify, so it is not a pack",
            help: "keep the folder, and report the fault")
    }

    // MARK: Documents

    private var controls: [ControlFile] {
        let facts = tests.facts(at: built)
        return EvidenceControl.all.map { control in
            ControlFile(
                control, facts, log.counter, policies: policies.map(\.digest),
                reviewer: request.hasNames ? statements.reviews.reviewer(of: control.id) : nil,
                frameworks: request.frameworks,
                further: furtherGaps(control.id))
        }
    }

    private var responsibilities: Responsibilities {
        Responsibilities(input.policy, scope: request.agents)
    }

    private func furtherGaps(_ id: ControlID) -> [ControlGap] {
        var gaps = statements.gaps.filter { $0.control == id }.map { ControlGap($0.text) }
        gaps += statements.reviews.gaps(of: id, hasNames: request.hasNames)
        gaps += PeriodGaps.gaps(
            of: id, log.records, log.counter,
            hasChannels: !input.deployment.configuration.alerts.channels.isEmpty)
        switch id {
        case .c02: gaps += responsibilities.gaps
        case .c09:
            if log.isPartial {
                gaps.append(ControlGap("The log does not reach back to the begin of the period."))
            }
        case .c20:
            if policies.isEmpty, missingPolicies.isEmpty {
                gaps.append(ControlGap("No policy in force is on record."))
            }
            gaps += missingPolicies.map {
                ControlGap("The policy \($0.prefixed) is not in the archive.")
            }
        case .c10:
            if witnesses == 0 {
                gaps.append(ControlGap("No witness of the trust file cosigned the checkpoint."))
            }
        default: break
        }
        return gaps
    }

    private var witnesses: Int {
        CheckpointWitnesses(of: log.endNote, input.witnesses, OpenSSLVerifier()).names.count
    }

    private var manifest: EvidenceManifest {
        get throws {
            let person = try DefaultPerson.read()?.person ?? Person(localUser: geteuid())
            return EvidenceManifest(
                scope: request.agents, organisation: input.organisation, from: request.from,
                to: request.to, built: built, builder: person.address, version: Product.version,
                build: input.build, policies: policies.map(\.digest),
                log: EvidenceManifest.Log(
                    origin: log.origin, start: log.start?.head.size ?? 0, end: log.end.size,
                    root: log.end.root, witnesses: witnesses),
                frameworks: request.frameworks, seed: log.seed, sampleSeed: log.sampleSeed,
                isPartial: log.isPartial)
        }
    }

    // MARK: Files

    private mutating func gather() throws {
        try addLog()
        try addRecords()
        for policy in policies { files.append(("policy/\(policy.digest.hex).json", policy.bytes)) }
        for statement in statements.statements { files.append((statement.name, statement.bytes)) }
        files += statements.drills
        if case .success(let shipped) = tests.release {
            files.append((PackFileName.releaseTests, shipped.bytes))
        }
        if case .success(let results) = tests.deployment {
            let envelope = key.envelope(.testResults, try results.payload.canonical())
            files.append((PackFileName.deploymentTests, envelope.bytes))
        }
        files.append((PackFileName.exceptions, try exceptions.canonical()))
        files.append((PackFileName.inventory, try JSONValue.array(input.inventory()).canonical()))
        let responsible = responsibilities
        files.append(
            (PackFileName.agents, try responsible.agents(hasNames: request.hasNames).canonical()))
        if request.hasNames {
            files.append((PackFileName.people, try people.canonical()))
            let keys = try? PersonSigner.trustFile(of: input.deployment)
            files.append((PackFileName.roles, try responsible.roles(keys).canonical()))
        }
        files.append((PackFileName.verifierNote, Array(Self.verifierNote.utf8)))
    }

    private mutating func addLog() throws {
        let folder = "logs/\(log.origin)"
        files.append(("\(folder)/checkpoint.end", log.endNote))
        if let start = log.start {
            files.append(("\(folder)/checkpoint.start", start.note))
            let proof = try log.consistency(from: start.head.size)
            files.append(("\(folder)/consistency.proof", proof))
        }
        if case .log(let size, _) = log.seed {
            files.append(("\(folder)/seed.proof", try log.consistency(from: size)))
        }
        let keys = input.keys.map { "\($0)\n" }.joined()
        files.append(("\(folder)/vkeys", Array(keys.utf8)))
        if let witnesses = input.witnesses {
            files.append(("\(folder)/trust.policy", Array(witnesses.text.utf8)))
        }
    }

    /// Copies the records that the pack names, byte for byte, each with its proof.
    private mutating func addRecords() throws {
        var places: Set<UInt64> = []
        for control in EvidenceControl.all {
            places.formUnion(log.counter.samples(of: control.id).map(\.index))
        }
        if let listing = log.records.keyListing { places.insert(listing.index) }
        if let selfTest = log.records.selfTest { places.insert(selfTest.index) }
        for statement in statements.statements {
            places.insert(statement.record.index)
            places.formUnion(statement.enrolments.map(\.index))
        }
        if case .log(let size, _) = log.seed {
            places.insert(size - 1)
            if size > 1 { places.insert(size - 2) }
        }
        let oldest = try input.reader.first()
        for place in places.sorted() where place >= oldest {
            let proved = try log.proved(place)
            let name = proved.leaf.hash.hex
            files.append(("records/\(name).json", Array(proved.leaf.bytes)))
            files.append(("proofs/\(name).tlog-proof", proved.proof))
        }
    }

    private var exceptions: JSONValue {
        get throws {
            .array(
                try log.records.exceptions.map { found -> JSONValue in
                    let record = try log.record(at: found.index)
                    return [
                        "at": .string(found.time.rfc3339(fractionDigits: 0)),
                        "index": .string(String(found.index)),
                        "leaf": .string(found.leaf.prefixed), "t": .string(record.type),
                    ]
                })
        }
    }

    /// The addresses of the people whose pseudonyms are in the records of the pack.
    private var people: JSONValue {
        get throws {
            var names: [(key: String, value: JSONValue)] = []
            var seen: Set<ExactText> = []
            for file in files where file.name.hasPrefix("records/") {
                guard let record = try? StoredRecord(parsing: file.bytes) else { continue }
                for pseudonym in Self.pseudonyms(in: record) {
                    guard seen.insert(pseudonym).inserted, let name = input.address(pseudonym)
                    else { continue }
                    names.append((pseudonym, .string(name)))
                }
            }
            return .object(JSONObject(distinct: names))
        }
    }

    private static func pseudonyms(in record: StoredRecord) -> [String] {
        let single = ["by", "who", "own", "author"].compactMap { record.text($0) }
        let listed = ["by", "signers", "seats"].flatMap {
            record[$0]?.array?.compactMap(\.string) ?? []
        }
        return single + listed
    }

    private static var verifierNote: String {
        let bytes = try? File.readRegular(SmallVerifier.path, limit: 256 << 20)
        let digest = bytes.map { OpenSSLHashing().sha256($0).hex } ?? "unknown"
        return """
            Check this pack with a verifier that you did not get with it: interlock-verify evidence PACK --trust FILE.
            docs/evidence.md of Interlock is sufficient to write one. The keys in this pack vouch for nothing: take those
            of the log from the party that runs it, or from its witnesses.
            SHA-256 of the interlock-verify next to the program that built this pack: \(digest)

            """
    }
}
