/// The signed statement of an evidence pack about its files (docs/evidence.md).
struct PackManifest {
    struct Log {
        let origin: Octets
        let startSize: UInt64
        let endSize: UInt64
        let endRoot: Digest
        let witnesses: UInt64
    }

    /// The agents of the scope as written; empty for all of the organisation.
    let agents: Set<Octets>
    /// The period in microseconds since 1970; the end is not part of it.
    let from: UInt64
    let to: UInt64
    let built: UInt64
    /// The build of the program, as written.
    let build: Octets
    /// The policies in force in the period, ascending.
    let policies: [Digest]
    let logs: [Log]
    /// The editions of the frameworks by id, each as written.
    let frameworks: [(id: Octets, edition: Octets)]
    let seed: Digest
    /// True if the auditor gave the seed, so that it does not follow from the log.
    let isSeedGiven: Bool
    /// The tree from whose root the seed follows, completed by the first record after the period; nil if the seed
    /// follows from the end of the first log, or was given.
    let seedHead: (size: UInt64, root: Digest)?
    /// The number of controls of each status.
    let enforced: UInt64
    let gaps: UInt64
    let guidance: UInt64
    /// The digests of all other files of the pack, by name.
    let digests: [String: Digest]

    static let maximumBytes = 64 << 20
    static let maximumLogs = 1024

    /// - Throws: the reason why the bytes are no manifest.
    init(_ bytes: [UInt8]) throws(Fault) {
        let fields = try PackForm.object(
            bytes,
            [
                "built", "build", "by", "files", "from", "frameworks", "interlock", "kind", "logs",
                "policy", "sample_seed", "scope", "summary", "to", "v",
            ], optional: ["partial", "seed", "seed_head"])
        guard fields.integer("v") == 1, fields.text("kind") == Octets("interlock.evidence") else {
            throw Fault("it is no manifest of an evidence pack")
        }
        guard let from = PackForm.time(fields, "from"), let to = PackForm.time(fields, "to"),
            let built = PackForm.time(fields, "built"), from < to,
            let build = fields.text("build"), PackForm.digest(build) != nil,
            fields.text("by") != nil, fields.text("interlock") != nil
        else { throw Fault("its period, builder or build is malformed") }
        guard let scope = fields.object("scope"), scope.hasExactly("agents", "org"),
            scope.text("org") != nil, let agents = PackForm.texts(scope, "agents")
        else { throw Fault("its scope is malformed") }
        guard let policies = PackForm.texts(fields, "policy"),
            let logs = fields.objects("logs"), (1...PackManifest.maximumLogs).contains(logs.count),
            let seed = fields.text("sample_seed").flatMap({ Digest(hex: $0.bytes) }),
            let summary = fields.object("summary"),
            summary.hasExactly("enforced", "gap", "guidance"),
            let enforced = summary.integer("enforced"), let gaps = summary.integer("gap"),
            let guidance = summary.integer("guidance")
        else { throw Fault("its policies, logs, seed or summary are malformed") }
        self.from = from
        self.to = to
        self.built = built
        self.build = build
        self.agents = Set(agents)
        self.policies = policies.compactMap(PackForm.digest)
        self.logs = logs.compactMap(Log.init)
        self.seed = seed
        isSeedGiven = fields.text("seed") == Octets("given")
        seedHead = try PackManifest.seedHead(fields)
        self.enforced = enforced
        self.gaps = gaps
        self.guidance = guidance
        frameworks = try PackManifest.frameworks(fields)
        digests = try PackManifest.digests(fields)
        guard self.policies.count == policies.count, self.logs.count == logs.count,
            Set(self.logs.map(\.origin)).count == logs.count,
            fields.range("seed") == nil || isSeedGiven && seedHead == nil
        else { throw Fault("its policies, logs or seed are malformed") }
    }

    private static func seedHead(
        _ fields: JSONObject
    ) throws(Fault) -> (size: UInt64, root: Digest)? {
        guard fields.range("seed_head") != nil else { return nil }
        guard let head = fields.object("seed_head"), head.hasExactly("root", "size"),
            let size = PackForm.number(head, "size"), size > 0, let root = head.digest("root")
        else { throw Fault("the origin of its seed is malformed") }
        return (size, root)
    }

    private static func frameworks(
        _ fields: JSONObject
    ) throws(Fault) -> [(id: Octets, edition: Octets)] {
        guard let object = fields.object("frameworks") else {
            throw Fault("its frameworks are malformed")
        }
        var found: [(id: Octets, edition: Octets)] = []
        for member in object.members {
            guard let edition = JSONObject.text(object.bytes[member.value]) else {
                throw Fault("its frameworks are malformed")
            }
            found.append((Octets(object.bytes[member.key]), edition))
        }
        return found
    }

    private static func digests(_ fields: JSONObject) throws(Fault) -> [String: Digest] {
        guard let files = fields.object("files"), !files.members.isEmpty,
            files.members.count < PackFiles.maximumFiles
        else { throw Fault("its files are malformed") }
        var digests: [String: Digest] = [:]
        for member in files.members {
            let name = String(
                decoding: JSONString.decoded(files.bytes[member.key]), as: UTF8.self)
            guard PackFiles.isName(name), name != PackFiles.manifest,
                let text = JSONObject.text(files.bytes[member.value]),
                let digest = PackForm.digest(text)
            else { throw Fault("the entry `\(name)` of its files is malformed") }
            digests[name] = digest
        }
        return digests
    }
}

extension PackManifest.Log {
    init?(_ fields: JSONObject) {
        guard fields.hasExactly("end", "origin", "start", "witnesses"),
            let origin = fields.text("origin"),
            PackFiles.isName("logs/\(origin)/checkpoint.start"),
            let start = fields.object("start"), start.hasExactly("size"),
            let startSize = PackForm.number(start, "size"), let end = fields.object("end"),
            end.hasExactly("root", "size"), let endSize = PackForm.number(end, "size"),
            let endRoot = end.digest("root"), startSize <= endSize,
            let witnesses = fields.integer("witnesses")
        else { return nil }
        self.init(
            origin: origin, startSize: startSize, endSize: endSize, endRoot: endRoot,
            witnesses: witnesses)
    }
}
