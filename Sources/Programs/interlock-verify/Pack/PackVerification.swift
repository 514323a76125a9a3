/// Verifies an evidence pack: docs/evidence.md, in the order that it states. The first fault ends it, and names the file.
struct PackVerification {
    private var files: PackFiles
    let trust: Trust
    let arguments: Arguments
    var report = PackReport()

    static func verify(
        _ path: String, _ trust: Trust, _ arguments: Arguments
    ) throws(Refusal) -> PackReport {
        try arguments.refuse(
            "--old-checkpoint", "--payloads", "--people", "--tree-only", for: "an evidence pack")
        for folder in arguments.all("--log") where !Files.exists(folder + "/checkpoint") {
            throw Refusal(.missing, "there is no file `\(folder)/checkpoint`")
        }
        var verification = PackVerification(
            files: try PackFiles(path), trust: trust, arguments: arguments)
        try verification.run()
        return verification.report
    }

    private init(files: PackFiles, trust: Trust, arguments: Arguments) {
        self.files = files
        self.trust = trust
        self.arguments = arguments
    }

    private mutating func run() throws(Refusal) {
        var check = PackCheck.manifest
        do throws(PackFault) {
            try verify(&check)
        } catch {
            switch error {
            case .broken(let text): report.fail(check, text)
            case .refused(let refusal): throw refusal
            }
        }
    }

    private mutating func verify(_ check: inout PackCheck) throws(PackFault) {
        let minimum: UInt64?
        do throws(Refusal) { minimum = try arguments.number("--min-size") } catch {
            throw .refused(error)
        }
        let (manifest, key) = try readManifest()
        next(&check, .files)
        try checkFiles(manifest)
        next(&check, .form)
        try checkForms()
        let controls = try readControls()
        next(&check, .checkpoints)
        var logs: [PackLog] = []
        for listed in manifest.logs {
            let log = try PackLog(listed, files, trust)
            try log.checkEnd(trust, atLeast: minimum, &report)
            logs.append(log)
        }
        next(&check, .consistency)
        for log in logs { try log.checkConsistency(files) }
        next(&check, .records)
        let records = try PackRecords(files, logs)
        try checkKey(key, records, manifest)
        next(&check, .samples)
        try PackSamples.check(manifest, logs, files, records, controls, &report)
        next(&check, .policies)
        try checkPolicies(manifest, controls)
        next(&check, .signatures)
        let enrolled = records.enrolled
        let statements = try PackStatements(files, enrolled)
        next(&check, .build)
        try checkBuild(manifest, statements, controls)
        next(&check, .controls)
        try PackReferences.check(controls, statements, manifest, records)
        next(&check, .counts)
        try recount(manifest, logs, controls, statements, enrolled)
        next(&check, .frameworks)
        try PackFrameworks.check(files, manifest, controls)
        report.pass(.frameworks)
        report.summary = summary(manifest, records, controls)
    }

    private mutating func next(_ check: inout PackCheck, _ following: PackCheck) {
        report.pass(check)
        check = following
    }

    private func summary(
        _ manifest: PackManifest, _ records: PackRecords, _ controls: [(String, PackControl)]
    ) -> String {
        let logs = manifest.logs.map { "\($0.origin) of size \($0.endSize)" }
        return "\(files.names.count) files, \(controls.count) controls "
            + "(\(manifest.enforced) enforced, \(manifest.gaps) gaps, \(manifest.guidance) guidance), "
            + "\(records.all.count) records proved in \(logs.joined(separator: " and "))"
    }
}

extension PackVerification {
    /// Checks the signature; whether the log lists its key is known only after the records were proved.
    private func readManifest() throws(PackFault) -> (PackManifest, key: [UInt8]) {
        let bytes = try files.contents(PackFiles.manifest, limit: 2 * PackManifest.maximumBytes)
        do throws(Fault) {
            let envelope = try PackEnvelope(bytes)
            guard envelope.type == PackEnvelope.payloadType("evidence") else {
                throw Fault("it is a statement of another kind")
            }
            guard envelope.signers.count == 1, envelope.signers[0].passkey.isEmpty else {
                throw Fault("it is not signed by one key")
            }
            return (try PackManifest(envelope.payload), envelope.signers[0].key)
        } catch { throw .file(PackFiles.manifest, "\(error)") }
    }

    private mutating func checkFiles(_ manifest: PackManifest) throws(PackFault) {
        files.digests = manifest.digests
        for name in manifest.digests.keys.sorted() where !files.has(name) {
            throw .file(name, "the manifest lists it, but it is missing")
        }
        for name in files.names where name != PackFiles.manifest {
            guard PackLayout.contains(name) else { throw .file(name, "no pack has such a file") }
            _ = try files.contents(name)
        }
    }

    /// Checks that every JSON file has one reading.
    private func checkForms() throws(PackFault) {
        for name in files.names where name.hasSuffix(".json") && name != PackFiles.manifest {
            let bytes = try files.contents(name)
            let isSigned = PackLayout.isSigned(name)
            guard PackForm.hasOneReading(bytes, isSigned ? .document : .canonical) else {
                throw .file(
                    name, isSigned ? "it is no JSON of one reading" : "it is not in canonical form")
            }
        }
    }

    private func readControls() throws(PackFault) -> [(String, PackControl)] {
        var controls: [(String, PackControl)] = []
        for name in files.names(in: "controls") {
            let bytes = try files.contents(name, limit: PackControl.maximumBytes)
            do throws(Fault) {
                let control = try PackControl(bytes)
                guard name == "controls/\(control.id).json" else {
                    throw Fault("it is of the control `\(control.id)`")
                }
                controls.append((name, control))
            } catch { throw .file(name, "\(error)") }
        }
        return controls
    }

    private func checkKey(
        _ key: [UInt8], _ records: PackRecords, _ manifest: PackManifest
    ) throws(PackFault) {
        guard let end = records.evidenceKeyEnd(key) else {
            throw .file(
                PackFiles.manifest,
                "no record of the log lists its key `\(Base64.encode(key))` for evidence")
        }
        guard manifest.built < end else {
            throw .file(PackFiles.manifest, "its key had expired when it was signed")
        }
        guard manifest.built >= records.newestSecond else {
            throw .file(PackFiles.manifest, "it states that it was built before one of its records")
        }
    }

    private func checkPolicies(
        _ manifest: PackManifest, _ controls: [(String, PackControl)]
    ) throws(PackFault) {
        var found: Set<Digest> = []
        for name in files.names(in: "policy") where !name.hasPrefix("policy/diffs/") {
            let stem = name.utf8.dropFirst("policy/".utf8.count).dropLast(".json".utf8.count)
            let digest = Crypto.sha256(try files.contents(name))
            guard name.hasSuffix(".json"), Digest(hex: Array(stem)) == digest else {
                throw .file(
                    name, expected: String(decoding: Array(stem), as: UTF8.self), found: digest.hex)
            }
            found.insert(digest)
        }
        let listed = Set(manifest.policies)
        guard listed.count == manifest.policies.count, listed == found else {
            throw .file(PackFiles.manifest, "its policies are not those of `policy/`")
        }
        for (name, control) in controls {
            for policy in control.policies where !listed.contains(policy) {
                throw .file(name, "it names the policy \(policy.hex), which the pack does not have")
            }
        }
    }

    private func checkBuild(
        _ manifest: PackManifest, _ statements: PackStatements,
        _ controls: [(String, PackControl)]
    ) throws(PackFault) {
        if let build = statements.build, build != manifest.build {
            throw .file(
                PackStatements.releaseName, expected: "\(manifest.build)", found: "\(build)")
        }
        for (name, control) in controls {
            for test in control.tests {
                guard let build = test.build, build != manifest.build else { continue }
                throw .file(name, expected: "\(manifest.build)", found: "\(build)")
            }
        }
    }
}

/// The names that files of a pack can have (docs/evidence.md, section 2).
enum PackLayout {
    private static let roots: Set<String> = [
        PackFiles.manifest, "people.json", "report.md", "report.html", "exceptions.json",
        "inventory.json", "agents.json", "roles.json", "README.md", PackStatements.releaseName,
        PackStatements.deploymentName,
    ]

    private static let folders: [(prefix: String, endings: [String])] = [
        ("controls/", [".json"]), ("records/", [".json"]), ("proofs/", [".tlog-proof"]),
        ("policy/", [".json"]), ("tests/", [".xml"]), ("evals/", [".dsse.json"]),
        ("trust/", [".json"]), ("reviews/", [".json"]), ("drills/", [".json"]),
        ("frameworks/", [".json"]), ("verifier/", [""]),
        (
            "logs/",
            [
                "/checkpoint.start", "/checkpoint.end", "/consistency.proof", "/seed.proof",
                "/vkeys", "/trust.policy",
            ]
        ),
    ]

    static func contains(_ name: String) -> Bool {
        roots.contains(name)
            || folders.contains { folder in
                name.hasPrefix(folder.prefix) && folder.endings.contains { name.hasSuffix($0) }
            }
    }

    /// Returns whether the file is an envelope, whose own form is not canonical.
    static func isSigned(_ name: String) -> Bool {
        name == PackStatements.releaseName || name == PackStatements.deploymentName
            || PackStatements.folders.contains { name.hasPrefix($0 + "/") }
    }
}
