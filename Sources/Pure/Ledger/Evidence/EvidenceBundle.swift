import InterlockJSON
package import InterlockModel

/// The evidence bundle of a run: exactly what an independent party needs to verify the run (docs/auditing.md, section
/// 9). Its files are in the order of the archive; blobs are referenced by digest, so that at most one of them must be
/// in memory.
package struct EvidenceBundle: Sendable {
    package let files: [EvidenceFile]

    package static let format = "interlock/evidence/1"
    /// The limits that verifiers enforce (docs/auditing.md, section 9).
    package static let maximumFiles = 1 << 17
    package static let maximumFileBytes = 256 << 20

    /// True if a verifier accepts the size of the bundle. Blobs are not checked, because none exceeds the limit on
    /// payloads.
    package var isWithinLimits: Bool {
        files.count <= Self.maximumFiles
            && files.allSatisfy { file in
                guard case .bytes(let bytes) = file.content else { return true }
                return bytes.count <= Self.maximumFileBytes
            }
    }

    /// - Parameters:
    ///   - trustPolicy: the trust policy of the exporter, for comparison; the recipient uses their own.
    ///   - policies: the canonical JSON of each policy, by its SHA-256.
    package init(
        run: RunID, chains: [EvidenceChain], trustPolicy: [UInt8], openings: [EvidenceOpening],
        policies: [Digest: [UInt8]], hashing: any Hashing
    ) {
        var files: [EvidenceFile] = []
        func add(_ name: String, _ bytes: [UInt8]) {
            files.append(
                EvidenceFile(name: name, digest: hashing.sha256(bytes), content: .bytes(bytes)))
        }
        for (place, chain) in chains.enumerated() {
            add("chain/\(place).bin", chain.entries)
            add("chain/\(place).tlog-proof", chain.proof.encoded())
            for (sequence, proof) in chain.proofs.enumerated() {
                add("chain/\(place)/\(sequence).tlog-proof", proof.encoded())
            }
        }
        for (place, chain) in chains.enumerated() where !chain.enrolments.isEmpty {
            add("people/\(place).bin", EvidenceChain.entries(chain.enrolments.map(\.leaf)))
            for (number, enrolment) in chain.enrolments.enumerated() {
                add("people/\(place)/\(number).tlog-proof", enrolment.proof.encoded())
            }
        }
        add("trust.policy", trustPolicy)
        add("openings.json", Self.list(openings))
        // Sorted by name; each name is computed once, not in every comparison.
        let blobs = Set(openings.map(\.blob)).map { (name: $0.hex, digest: $0) }
        for blob in blobs.sorted(by: { $0.name < $1.name }) {
            files.append(
                EvidenceFile(
                    name: "payload/\(blob.name)", digest: blob.digest, content: .blob(blob.digest)))
        }
        for policy in policies.map({ (name: $0.key.hex, bytes: $0.value) })
            .sorted(by: { $0.name < $1.name })
        {
            add("policies/\(policy.name)", policy.bytes)
        }
        add("VERIFY.txt", Array(Self.instructions.utf8))
        let manifest = Self.manifest(run, chains, files)
        self.files =
            [
                EvidenceFile(
                    name: "manifest.json", digest: hashing.sha256(manifest),
                    content: .bytes(manifest))
            ] + files
    }

    private static func manifest(
        _ run: RunID, _ chains: [EvidenceChain], _ files: [EvidenceFile]
    ) -> [UInt8] {
        // Up to 131,072 names, which are distinct by construction.
        let digests = JSONObject(
            distinct: files.map { (key: $0.name, value: .string($0.digest.prefixed)) })
        return canonical([
            "format": .string(format), "run": .string(run.text), "files": .object(digests),
            "chains": .array(
                chains.map { chain in
                    [
                        "cnt": .integer(Int64(chain.leaves.count)), "end": .bool(chain.isEnded),
                        "index": .integer(Int64(clamping: chain.proof.index)),
                        "o": .string(chain.origin),
                    ]
                }),
        ])
    }

    private static func list(_ openings: [EvidenceOpening]) -> [UInt8] {
        canonical(
            .array(
                openings.map { opening in
                    [
                        "field": .string(opening.field),
                        "key": .string(Base64.encode(opening.key.bytes)),
                        "leaf": .string(opening.leaf.base64),
                    ]
                }))
    }

    private static func canonical(_ value: JSONValue) -> [UInt8] {
        do { return try value.canonical() } catch {
            // INVARIANT: the value consists only of strings, booleans and integers from this file.
            preconditionFailure("the manifest has no canonical form: \(error)")
        }
    }

    private static let instructions = """
        Evidence of one run of an agent: all its records, in order, with a proof that they are in the log.

        With a verifier that shares no code with the gateway, and keys that you did not get from here:

            interlock-verify --trust YOUR-trust.policy THIS.tar

        Without it: the page `auditing` of Interlock's documentation describes every file to the byte.
        The archive is a tar; `chain/0.tlog-proof` is a C2SP tlog-proof of the last record of
        `chain/0.bin`, and each record names the one before by `prev`, its SHA-256 behind a zero byte.
        `trust.policy` is what the exporter trusts. Do not rely on it: use your own.
        `policies/` has the policies that decided, where whoever exported this may read all of them; the
        verifier says how many are not here.

        """
}

/// One file of an evidence bundle.
package struct EvidenceFile: Sendable {
    package let name: String
    package let digest: Digest
    package let content: Content

    package enum Content: Sendable {
        case bytes([UInt8])
        /// The stored blob with this digest.
        case blob(Digest)
    }
}

/// The opening of one disclosed payload. The key opens this payload and no other.
package struct EvidenceOpening: Sendable {
    package let leaf: Digest
    package let field: String
    package let key: PayloadKey
    /// The `b` of the commitment.
    package let blob: Digest

    package init(leaf: Digest, field: String, key: PayloadKey, blob: Digest) {
        self.leaf = leaf
        self.field = field
        self.key = key
        self.blob = blob
    }
}
