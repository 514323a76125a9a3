/// The payloads that a bundle discloses, decrypted and verified against the commitments of their records.
struct Openings {
    private struct Position: Hashable {
        let leaf: Digest
        let field: Octets
    }

    private var places: Set<Position> = []
    /// The contents of the fields that further checks read; no other content is kept.
    private var plaintexts: [Position: [UInt8]] = [:]

    private static let read: Set<Octets> = [Octets("bind"), Octets("order"), Octets("proof")]

    /// - Parameter field: one of `bind`, `order` and `proof`.
    func plaintext(_ field: String, of leaf: Digest) -> [UInt8]? {
        plaintexts[Position(leaf: leaf, field: Octets(field))]
    }

    var summary: [String] { places.isEmpty ? [] : ["\(places.count) payloads opened"] }

    mutating func open(
        _ chains: [Chain], _ files: BundleFiles, _ findings: inout Findings
    ) throws(Refusal) {
        guard let bytes = try files.contents("openings.json"),
            let elements = try? JSONScanner.elements(of: bytes, in: 0..<bytes.count, .record)
        else { return findings.fault("`openings.json` is no list") }
        var records: [Digest: Record] = [:]
        for chain in chains {
            for link in chain.records { records[link.hash] = link.record }
        }
        var used: Set<String> = []
        for (number, range) in elements.enumerated() {
            guard let opening = Opening(bytes, range) else {
                findings.fault("opening \(number) is malformed")
                continue
            }
            let place = Position(leaf: opening.leaf, field: opening.field)
            guard let commitment = records[opening.leaf]?.commitment(opening.field),
                let digest = commitment.blob, !places.contains(place)
            else {
                findings.fault("opening \(number) is of nothing that a record commits to")
                continue
            }
            let name = "payload/\(digest.hex)"
            guard let blob = try files.contents(name),
                let plaintext = opening.plaintext(blob, commitment)
            else {
                findings.fault("opening \(number) does not give what its record commits to")
                continue
            }
            used.insert(name)
            places.insert(place)
            if Openings.read.contains(opening.field) { plaintexts[place] = plaintext }
        }
        for name in files.names where name.hasPrefix("payload/") && !used.contains(name) {
            findings.fault("`\(name)` is opened by nothing")
        }
    }
}

/// One element of `openings.json`.
private struct Opening {
    let leaf: Digest
    let field: Octets
    let key: [UInt8]

    init?(_ bytes: [UInt8], _ range: Range<Int>) {
        guard let fields = try? JSONObject(bytes, in: range, .record),
            fields.hasExactly("field", "key", "leaf"), let leaf = fields.digest("leaf"),
            let field = fields.text("field"), let key = fields.base64("key"), key.count == 32
        else { return nil }
        self.leaf = leaf
        self.field = field
        self.key = key
    }

    private static let saltCount = 32
    private static let overhead = 1 + Crypto.nonceCount + saltCount + Crypto.tagCount

    /// - Returns: nil unless the blob has the committed digest, decrypts under the key, and holds the committed
    ///   content. The last check is essential: AES-GCM alone would permit two plaintexts for one blob.
    func plaintext(_ blob: [UInt8], _ commitment: Commitment) -> [UInt8]? {
        guard Crypto.sha256(blob) == commitment.blob, blob.first == 0x01,
            blob.count >= Opening.overhead,
            UInt64(blob.count - Opening.overhead) == commitment.count
        else { return nil }
        let sealed = blob.dropFirst(1 + Crypto.nonceCount)
        guard
            let salted = Crypto.open(
                Array(sealed.dropLast(Crypto.tagCount)), tag: Array(sealed.suffix(Crypto.tagCount)),
                nonce: Array(blob[1..<1 + Crypto.nonceCount]), key: key,
                additional: Array("interlock/pb/1".utf8)),
            Crypto.sha256(prefix: Array("interlock/pc/1".utf8), salted[...]) == commitment.content
        else { return nil }
        return Array(salted.dropFirst(Opening.saltCount))
    }
}
