import InterlockCredentials
import InterlockLedger
import InterlockModel
import Testing

@Suite(.enabled(if: Vectors.present, "the vectors are not there")) struct ForeignLogTests {
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
        // The private key is published: base64 of 0x01 and the seed.
        let secret = try #require(
            Base64.decode("AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg").flatMap {
                Ed25519PrivateKey(seed: Array($0.dropFirst()))
            })
        let signer = LogKey(
            name: Self.origin, publicKey: secret.publicKey, sign: { secret.sign($0) })
        let fetch = { (path: TilePath) throws(TileFault) -> [UInt8] in
            guard let bytes = Vectors.bytes("\(folder)/\(path)") else { throw .missing(path) }
            return bytes
        }
        var writer = TileWriter(tree)
        var entries: [[UInt8]] = []
        var (checkpoints, files) = (0, 0)
        for size in 0...15 {
            let stored = try #require(Vectors.bytes("\(folder)/checkpoint.\(size)"))
            let head = try Checkpoint(signed: stored, key: key, verifier: OpenSSLVerifier())
            let ours = Checkpoint(
                origin: Self.origin, size: UInt64(size), root: writer.range.root(tree))
            #expect(head == ours)
            #expect(ours.signed(id: key.id, by: signer) == stored)
            checkpoints += 1
            for file in writer.publish() {
                #expect(Vectors.bytes("\(folder)/\(file.path)") == file.bytes, "\(file.path)")
                files += 1
            }
            var reader = try TileReader(tree, size: head.size, root: head.root, fetch: fetch)
            for (place, entry) in entries.enumerated() {
                #expect(try reader.leafHash(UInt64(place)) == tree.leaf(entry))
            }
            guard size < 15 else { break }
            let entry = Array(Self.words.split(separator: " ")[size].utf8)
            entries.append(entry)
            #expect(writer.append(entry[...], leafHash: tree.leaf(entry)).isEmpty)
        }
        print("tessera log: \(checkpoints) checkpoints, \(files) tiles and bundles reproduced")
        #expect(writer.range.root(tree).base64 == "rKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=")
        #expect(checkpoints == 16 && files == 30)
        #expect(Vectors.bytes("\(folder)/checkpoint") == Vectors.bytes("\(folder)/checkpoint.15"))
        let bundle = try #require(TilePath(level: nil, index: 0, width: 15))
        #expect(EntryBundle.decode(try fetch(bundle), count: 15)?.map(Array.init) == entries)
    }
}
