import InterlockKeys
import InterlockLedger
import InterlockModel
import Testing

@Suite(.enabled(if: Vectors.present)) struct ForeignLogTests {
    static let origin = "example.com/log/testdata"
    static let words =
        "one two three four five six seven eit nain ten ileven twelf threeten fourten fivten"

    @Test func `a log of another program is accepted at each size and reproduced to the byte`()
        throws
    {
        let folder = "tessera-testlog/testdata/log"
        let key = try #require(
            VerifierKey(
                "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx",
                hashing: hashing))
        // The private key is public: base64 of 0x01 and the seed.
        let secret = try #require(
            Base64.decode("AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg").flatMap {
                Ed25519PrivateKey(seed: Array($0.dropFirst()))
            })
        let signer = LogKey(
            name: Self.origin, publicKey: secret.publicKey, sign: { secret.sign($0) })
        var range = CompactRange()
        var entries: [[UInt8]] = []
        var hashes: [Digest] = []
        for size in 0...15 {
            let stored = try #require(Vectors.bytes("\(folder)/checkpoint.\(size)"))
            let head = try Checkpoint(signed: stored, key: key, verifier: OpenSSLVerifier())
            let ours = Checkpoint(
                origin: Self.origin, size: UInt64(size), root: range.root(tree))
            #expect(head == ours)
            #expect(ours.signed(id: key.id, by: signer) == stored)
            if size > 0 {
                let tile = try #require(TilePath(level: 0, index: 0, width: size))
                let bundle = try #require(TilePath(level: nil, index: 0, width: size))
                #expect(Vectors.bytes("\(folder)/\(tile)") == HashTile.encode(hashes))
                let entryBytes = try #require(Vectors.bytes("\(folder)/\(bundle)"))
                #expect(entryBytes == EntryBundle.encode(entries))
                #expect(EntryBundle.decode(entryBytes, count: size)?.map(Array.init) == entries)
            }
            guard size < 15 else { break }
            let entry = Array(Self.words.split(separator: " ")[size].utf8)
            entries.append(entry)
            hashes.append(tree.leaf(entry))
            range.append(tree.leaf(entry), tree)
        }
        #expect(range.root(tree).base64 == "rKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=")
    }
}
