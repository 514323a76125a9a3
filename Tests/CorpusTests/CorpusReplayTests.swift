import InterlockInvariants
import InterlockTesting
import Testing

/// Every input that a fuzzer has found worth keeping, run again as a test. A broken invariant ends the
/// process with its sentence.
@Suite struct `Fuzz corpora` {
    private static let fuzzers: [(folder: String, check: @Sendable ([UInt8]) -> Void)] = [
        ("JSON", Invariants.json), ("Schema", Invariants.schema), ("SSE", Invariants.sse),
        ("Messages", Invariants.messages), ("HTTP", Invariants.http),
        ("Leaf", Invariants.leaf), ("Frame", Invariants.frame), ("Note", Invariants.note),
        ("Proof", Invariants.proof), ("Tile", Invariants.tile),
        ("Heads", Invariants.heads),
        ("Envelope", Invariants.envelope), ("Vote", Invariants.vote), ("Order", Invariants.order),
        ("Trust", Invariants.trust), ("Token", Invariants.token),
        ("Issuer", Invariants.issuer), ("Discovery", Invariants.discovery),
        ("Zone", Invariants.zone), ("Lock", Invariants.lock), ("SignOff", Invariants.signOff),
        ("Description", Invariants.description), ("Manifest", Invariants.manifest),
        ("Hosts", Invariants.hosts),
        ("CEL", Invariants.cel), ("Policy", Invariants.policy),
        ("Analysis", Invariants.analysis),
        ("Witness", Invariants.witness), ("Search", Invariants.search),
        ("Decision", Invariants.decision),
        ("Bucket", Invariants.bucket), ("Payload", Invariants.payload), ("URI", Invariants.uri),
        ("Template", Invariants.template),
        ("CBOR", Invariants.cbor), ("ClientData", Invariants.clientData),
        ("AuthenticatorData", Invariants.authenticatorData),
        ("Shown", Invariants.shown),
    ]

    @Test(arguments: fuzzers.map(\.folder))
    func `each kept input keeps the invariants`(folder: String) throws {
        let files = TestFiles.list(TestFiles.root(from: #filePath) + "/Fuzz/\(folder)/corpus")
        try #require(files.count >= 5, "the corpus of \(folder) is not there")
        let check = try #require(Self.fuzzers.first { $0.folder == folder }).check
        for file in files { check(try #require(TestFiles.read(file))) }
    }
}
