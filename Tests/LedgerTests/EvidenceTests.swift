import InterlockJSON
import InterlockLedger
import InterlockModel
import Testing

@Suite struct EvidenceTests {
    static let run = RunID("01kag0q9v4x2m7c8d3e5f6g7h8")

    /// A run of `count` records, with a record of another run after each.
    private func records(_ count: Int, last: RecordType = .callDenied) throws -> RunRecords {
        let run = try #require(Self.run)
        let other = try #require(RunID("01kag0q9v4x2m7c8d3e5f6g7h9"))
        var records = RunRecords(run)
        var links: [RunID: ChainLink] = [:]
        var index: UInt64 = 0
        for place in 0..<count {
            for id in [run, other] {
                let type: RecordType =
                    place == 0 ? .runStart : place == count - 1 ? last : .callDenied
                let leaf = try leaf(type, id, links[id] ?? .start)
                links[id] = (links[id] ?? .start).following(leaf.hash)
                try records.add(leaf, at: index)
                index += 1
            }
        }
        return records
    }

    private func leaf(_ type: RecordType, _ run: RunID, _ link: ChainLink) throws -> Leaf {
        let pol = hashing.sha256(Array("policy example".utf8)).base64
        let prev = link.previous.map { "\"prev\":\"\($0.base64)\"," } ?? ""
        let text =
            "{\"agent\":\"refunds\",\"boot\":\"9c1f04ab\",\"code\":\"x\",\"mono\":1,\"node\":\"gw1\",\"pol\":\"\(pol)\",\(prev)"
            + "\"rs\":\(link.sequence),\"run\":\"\(run.text)\",\"t\":\"\(type.rawValue)\",\"ts\":1,\"v\":1}"
        return Leaf(stored: Array(text.utf8), hashing: hashing)
    }

    private func bundle(
        _ records: RunRecords, openings: [EvidenceOpening] = [], policies: [Digest: [UInt8]]? = nil
    ) throws -> EvidenceBundle {
        let proof = TlogProof(index: 7, hashes: [], checkpoint: Array("note".utf8))
        let policy = Array("policy example".utf8)
        return EvidenceBundle(
            run: try #require(Self.run),
            chains: [EvidenceChain(origin: "o", run: records, proof: proof)],
            trustPolicy: Array("quorum none\n".utf8), openings: openings,
            policies: policies ?? [hashing.sha256(policy): policy], hashing: hashing)
    }

    @Test func `the records of one run are collected, and no other's`() throws {
        let records = try records(4)
        #expect(records.records.map(\.index) == [0, 2, 4, 6])
        #expect(!records.isEnded)
        #expect(try self.records(3, last: .runEnd).isEnded)
        #expect(records.policies == [hashing.sha256(Array("policy example".utf8))])
    }

    @Test(arguments: [
        RecordType.approvalGranted, .approvalDenied, .approvalVoid, .approvalBreakGlass,
    ])
    func `whoever decided, or let one person decide, is named with the keys`(
        _ type: RecordType
    ) throws {
        let run = try #require(Self.run)
        var records = RunRecords(run)
        let start = try leaf(.runStart, run, .start)
        try records.add(start, at: 0)
        let text = String(
            decoding: try leaf(type, run, ChainLink.start.following(start.hash)).bytes,
            as: UTF8.self)
        let named = text.replacing(",\"code\"", with: ",\"by\":\"ines\",\"code\"")
        try records.add(Leaf(stored: Array(named.utf8), hashing: hashing), at: 1)
        #expect(records.voters == ["ines"])
    }

    @Test func `a run with a hole is no evidence`() throws {
        var records = try records(2)
        let run = try #require(Self.run)
        let link = ChainLink(sequence: 3, previous: hashing.sha256([]))
        let late = try leaf(.callDenied, run, link)
        #expect(throws: RecordFault.brokenChain(run: run.text)) { try records.add(late, at: 9) }
    }

    @Test func `the files stand in their order, and the manifest has the digest of each`() throws {
        let blob = hashing.sha256([1])
        let key = try #require(PayloadKey(bytes: [UInt8](repeating: 7, count: 32)))
        let records = try records(3, last: .runEnd)
        let opening = EvidenceOpening(
            leaf: records.records[0].leaf.hash, field: "args", key: key, blob: blob)
        let files = try bundle(records, openings: [opening]).files
        let policy = hashing.sha256(Array("policy example".utf8)).hex
        #expect(
            files.map(\.name) == [
                "manifest.json", "chain/0.bin", "chain/0.tlog-proof", "trust.policy",
                "openings.json", "payload/\(blob.hex)", "policies/\(policy)", "VERIFY.txt",
            ])
        guard case .bytes(let bytes) = files[0].content else {
            Issue.record("the manifest is no blob")
            return
        }
        let manifest = try JSONValue(parsing: bytes, limits: JSONLimits(bytes: 1 << 20))
        #expect(try manifest.canonical() == bytes)
        #expect(manifest["format"]?.string == "interlock/evidence/1")
        #expect(manifest["chains"] == [["cnt": 3, "end": true, "index": 7, "o": "o"]])
        for file in files.dropFirst() {
            #expect(manifest["files"]?[file.name]?.string == file.digest.prefixed)
            if case .bytes(let bytes) = file.content {
                #expect(hashing.sha256(bytes) == file.digest)
            }
        }
        guard case .bytes(let list) = files[4].content else {
            Issue.record("the list of openings is no list of bytes")
            return
        }
        let text = String(decoding: list, as: UTF8.self)
        #expect(
            text
                == "[{\"field\":\"args\",\"key\":\"\(Base64.encode(key.bytes))\",\"leaf\":\"\(opening.leaf.base64)\"}]"
        )
    }

    @Test func `a bundle with more files than verifiers take says so`() throws {
        let records = try records(2)
        #expect(try bundle(records).isWithinLimits)
        // Every bundle of one chain has six more files.
        for (count, isWithin) in [(EvidenceBundle.maximumFiles - 6, true), (131_067, false)] {
            let policies = (0..<UInt64(count)).map { (Digest(words: ($0, 0, 0, 0)), [UInt8]()) }
            let bundle = try bundle(
                records, policies: Dictionary(uniqueKeysWithValues: policies))
            #expect(bundle.isWithinLimits == isWithin, "\(bundle.files.count) files")
        }
    }

    /// The header that `tar --format=ustar` and Python's `tarfile` write for this name and size.
    @Test func `a header is that of other programs`() {
        let header = UstarArchive.header(name: "chain/0.bin", count: 4711)
        #expect(header.count == 512)
        func field(_ range: Range<Int>) -> String {
            String(decoding: header[range], as: UTF8.self)
        }
        #expect(field(0..<12) == "chain/0.bin\0")
        #expect(field(100..<124) == "0000644\00000000\00000000\0")
        #expect(field(124..<148) == "00000011147\000000000000\0")
        #expect(field(148..<157) == "007664\0 0")
        #expect(field(257..<265) == "ustar\000")
        #expect(header[157..<257].allSatisfy { $0 == 0 })
        #expect(header[265...].allSatisfy { $0 == 0 })
    }

    @Test(arguments: [(0, 0), (1, 511), (511, 1), (512, 0), (513, 511)])
    func `content is filled up to whole blocks`(_ count: Int, _ padding: Int) {
        #expect(UstarArchive.padding(after: count).count == padding)
    }

    @Test func `a disclosure names a field, or a field of one call`() throws {
        let call = "01kag0qwz3b5d7f9h1k3m5p7r9"
        let record = try StoredRecord(
            parsing: Array(#"{"call":"\#(call)","node":"n","t":"call.intent","ts":1,"v":1}"#.utf8))
        #expect(try #require(Disclosure("args")).covers("args", of: record))
        #expect(try !#require(Disclosure("args")).covers("in", of: record))
        #expect(try #require(Disclosure("args@dec_\(call)")).covers("args", of: record))
        #expect(try #require(Disclosure("args@\(call)")).covers("args", of: record))
        #expect(
            try !#require(Disclosure("args@01kag0q9v4x2m7c8d3e5f6g7h8")).covers("args", of: record))
        #expect(Disclosure("") == nil && Disclosure("@\(call)") == nil)
        #expect(Disclosure("args@") == nil && Disclosure("args@x") == nil)
    }
}
