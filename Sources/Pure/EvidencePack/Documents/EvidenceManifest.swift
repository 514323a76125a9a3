package import InterlockJSON
package import InterlockModel

/// The signed list of the files of a pack (docs/evidence.md, "The manifest").
package struct EvidenceManifest: Sendable {
    /// A log, and the checkpoint that the records of the pack are proved against.
    package struct Log: Sendable, Hashable {
        package let origin: String
        /// 0 if no checkpoint at the start of the period is kept.
        package let start: UInt64
        package let end: UInt64
        package let root: Digest
        /// The witnesses of this deployment's trust file that cosigned the end.
        package let witnesses: Int

        package init(origin: String, start: UInt64, end: UInt64, root: Digest, witnesses: Int) {
            self.origin = origin
            self.start = start
            self.end = end
            self.root = root
            self.witnesses = witnesses
        }
    }

    /// The origin of the seed by which samples are drawn.
    package enum Seed: Sendable, Hashable {
        /// The tree that the first record at or after the end of the period completes.
        case log(size: UInt64, root: Digest)
        /// The auditor gave it.
        case given(Digest)
    }

    package let scope: [AgentName]
    package let organisation: String
    package let from: Timestamp
    package let to: Timestamp
    package let built: Timestamp
    /// The account that built it.
    package let builder: String
    package let version: String
    package let build: Digest
    package let policies: [Digest]
    package let log: Log
    package let frameworks: [FrameworkMap]
    package let seed: Seed
    package let sampleSeed: Digest
    package let isPartial: Bool

    package static let seedPrefix = "interlock/evidence-seed/1"
    /// The bound of the payload: 131,072 files with their names and digests.
    package static let payloadLimit = 64 << 20

    package init(
        scope: [AgentName], organisation: String, from: Timestamp, to: Timestamp,
        built: Timestamp, builder: String, version: String, build: Digest, policies: [Digest],
        log: Log, frameworks: [FrameworkMap], seed: Seed, sampleSeed: Digest, isPartial: Bool
    ) {
        self.scope = scope
        self.organisation = organisation
        self.from = from
        self.to = to
        self.built = built
        self.builder = builder
        self.version = version
        self.build = build
        self.policies = policies
        self.log = log
        self.frameworks = frameworks
        self.seed = seed
        self.sampleSeed = sampleSeed
        self.isPartial = isPartial
    }

    /// The seed that follows from a tree: SHA-256 of the prefix and the root.
    package static func seed(of root: Digest, _ hashing: some Hashing) -> Digest {
        hashing.sha256(Array(seedPrefix.utf8) + root.bytes)
    }

    /// The members without the list of files: the head of reports.
    ///
    /// - Parameter controls: the control files, of which `summary` counts each status.
    package func head(_ controls: [ControlFile]) -> JSONObject {
        var enforced = 0
        var gaps = 0
        var guidance = 0
        for control in controls {
            switch control.status {
            case .enforced: enforced += 1
            case .gap: gaps += 1
            case .guidance: guidance += 1
            }
        }
        var object: JSONObject = [
            "build": .string(build.prefixed), "built": Self.time(built), "by": .string(builder),
            "frameworks": .object(
                JSONObject(distinct: frameworks.map { ($0.id, JSONValue.string($0.edition)) })),
            "from": Self.time(from), "interlock": .string(version), "kind": "interlock.evidence",
            "logs": [logJSON], "policy": .array(policies.map { .string($0.prefixed) }),
            "sample_seed": .string(sampleSeed.hex),
            "scope": [
                "agents": .array(scope.map { .string($0.text) }), "org": .string(organisation),
            ],
            "summary": [
                "enforced": .integer(Int64(enforced)), "gap": .integer(Int64(gaps)),
                "guidance": .integer(Int64(guidance)),
            ],
            "to": Self.time(to), "v": 1,
        ]
        switch seed {
        case .log(let size, let root):
            object["seed_head"] = [
                "root": .string(root.base64), "size": .string(String(size)),
            ]
        case .given: object["seed"] = "given"
        }
        if isPartial { object["partial"] = true }
        return object
    }

    /// The payload that the evidence key signs.
    ///
    /// - Parameter files: all other files of the pack, each name once.
    package func payload(
        _ controls: [ControlFile], files: [(name: String, digest: Digest)]
    ) -> JSONObject {
        var object = head(controls)
        object["files"] = .object(
            JSONObject(distinct: files.map { ($0.name, JSONValue.string($0.digest.prefixed)) }))
        return object
    }

    private var logJSON: JSONValue {
        [
            "end": ["root": .string(log.root.base64), "size": .string(String(log.end))],
            "origin": .string(log.origin), "start": ["size": .string(String(log.start))],
            "witnesses": .integer(Int64(log.witnesses)),
        ]
    }

    private static func time(_ time: Timestamp) -> JSONValue {
        .string(time.rfc3339(fractionDigits: 0))
    }
}
