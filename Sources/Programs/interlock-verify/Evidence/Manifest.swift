/// The `manifest.json` of an evidence bundle.
struct Manifest {
    struct Chain {
        let count: UInt64
        /// True if one of its records is `run.end`.
        let isEnded: Bool
        /// The log index of its last record.
        let index: UInt64
        let origin: Octets
    }

    let run: RecordID
    let runText: Octets
    let chains: [Chain]
    /// The digests of all other files of the archive, by name.
    let digests: [String: Digest]

    static let maximumBytes = 32 << 20
    static let maximumChains = 1024

    /// - Returns: nil if the bytes are not a manifest.
    init?(_ bytes: [UInt8]) {
        guard let fields = try? JSONObject(bytes, .record),
            fields.hasExactly("chains", "files", "format", "run"),
            fields.text("format") == Octets("interlock/evidence/1"),
            let runText = fields.text("run"), let run = RecordID(runText.bytes),
            let objects = fields.objects("chains"), !objects.isEmpty,
            objects.count <= Manifest.maximumChains, let files = fields.object("files")
        else { return nil }
        self.run = run
        self.runText = runText
        chains = objects.compactMap(Chain.init)
        guard chains.count == objects.count else { return nil }
        var digests: [String: Digest] = [:]
        for member in files.members {
            let name = String(decoding: JSONString.decoded(bytes[member.key]), as: UTF8.self)
            guard let text = JSONObject.text(bytes[member.value]),
                text.bytes.prefix(7).isText("sha256:"),
                let digest = Digest(hex: text.bytes.dropFirst(7))
            else { return nil }
            digests[name] = digest
        }
        self.digests = digests
    }
}

extension Manifest.Chain {
    init?(_ fields: JSONObject) {
        guard fields.hasExactly("cnt", "end", "index", "o"), let count = fields.integer("cnt"),
            count > 0, let isEnded = fields.truth("end"), let index = fields.integer("index"),
            let origin = fields.text("o")
        else { return nil }
        self.init(count: count, isEnded: isEnded, index: index, origin: origin)
    }
}
