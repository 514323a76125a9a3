import InterlockTesting
import Testing

@testable import interlock_verify

/// The parts of an evidence pack as the small verifier reads them.
struct VerifierPackTests {
    @Test func `each two sizes of a log have one proof of consistency`() {
        let leaves = (UInt8(0)..<20).map { Tree.leaf([$0][...]) }
        for size in 1...leaves.count {
            let all = Array(leaves[..<size])
            for old in 0...size {
                let path = old == 0 ? [] : Self.path(all, old, isWhole: true)
                let older = Self.root(Array(all[..<old]))
                let wrong = Tree.leaf([255][...])
                func isProved(_ path: [Digest], _ older: Digest, _ root: Digest) -> Bool {
                    let text = path.map { $0.base64 + "\n" }.joined()
                    let proof = ConsistencyProof(Array(text.utf8))
                    return proof?.proves(
                        oldSize: UInt64(old), oldRoot: older, size: UInt64(size), root: root)
                        ?? false
                }
                #expect(isProved(path, older, Self.root(all)), "\(old) of \(size)")
                #expect(!isProved(path, wrong, Self.root(all)), "\(old) of \(size)")
                #expect(!isProved(path + [wrong], older, Self.root(all)), "\(old) of \(size)")
                // The empty tree is the beginning of every tree.
                if old > 0 { #expect(!isProved(path, older, wrong), "\(old) of \(size)") }
                for place in path.indices {
                    var changed = path
                    changed[place] = wrong
                    #expect(!isProved(changed, older, Self.root(all)), "\(old) of \(size)")
                    changed.remove(at: place)
                    #expect(!isProved(changed, older, Self.root(all)), "\(old) of \(size)")
                }
            }
        }
    }

    @Test func `a smaller log extends no larger one`() {
        let proof = ConsistencyProof([])
        #expect(proof?.proves(oldSize: 2, oldRoot: Tree.empty, size: 1, root: Tree.empty) == false)
    }

    @Test(arguments: ["A\n", "\n", String(repeating: "A", count: 43) + "=", "AAAA\nAAAA\n"])
    func `a proof of another form is none`(_ text: String) {
        #expect(ConsistencyProof(Array(text.utf8)) == nil)
    }

    /// The definition of RFC 6962, section 2.1.2.
    private static func path(_ leaves: [Digest], _ old: Int, isWhole: Bool) -> [Digest] {
        if old == leaves.count { return isWhole ? [] : [root(leaves)] }
        var half = 1
        while half * 2 < leaves.count { half *= 2 }
        let (left, right) = (Array(leaves[..<half]), Array(leaves[half...]))
        return old <= half
            ? path(left, old, isWhole: isWhole) + [root(right)]
            : path(right, old - half, isWhole: false) + [root(left)]
    }

    private static func root(_ leaves: [Digest]) -> Digest {
        Tree.root(overPeaks: Tree.peaks(leaves))
    }

    private static let times: [(String, UInt64?)] = [
        ("1970-01-01T00:00:00Z", 0), ("2026-11-20T10:15:00Z", 1_795_169_700_000_000),
        ("2024-02-29T23:59:59.5Z", 1_709_251_199_500_000),
        ("2000-03-01T00:00:00.000001Z", 951_868_800_000_001),
        ("1969-12-31T23:59:59Z", nil), ("2026-11-20T10:15:00", nil), ("2026-11-20 10:15:00Z", nil),
        ("2026-13-20T10:15:00Z", nil), ("2026-11-20T24:00:00Z", nil),
        ("2026-11-20T10:15:00.Z", nil),
        ("2026-11-20T10:15:00.1234567Z", nil), ("2026-11-20T10:15:00+00:00", nil), ("", nil),
    ]

    @Test(arguments: times)
    func `a time is that of RFC 3339 in UTC`(_ text: String, _ expected: UInt64?) {
        #expect(PackForm.time(Array(text.utf8)) == expected)
    }

    @Test(arguments: [
        ("controls/C05.json", true), ("logs/a/b/checkpoint.end", true), ("a..b", true),
        ("", false), ("/a", false), ("a/", false), ("a//b", false), ("../a", false),
        ("a/../b", false), ("a/./b", false), ("a\\b", false), ("a b", false), ("\u{e9}", false),
        ("a\n", false), (String(repeating: "a", count: 100), false),
    ])
    func `a name stays in its folder`(_ name: String, _ isGood: Bool) {
        #expect(PackFiles.isName(name) == isGood)
    }

    @Test func `the samples are the smallest codes, and have both sides`() {
        var chance = SeededGenerator.announced()
        for _ in 0..<rounds(200) {
            let limit = Int.random(in: 0...6, using: &chance)
            let count = Int.random(in: 0...20, using: &chance)
            let all = (0..<count).map { number in
                let leaf = Tree.leaf(
                    [UInt8(number), UInt8.random(in: 0...255, using: &chance)][...])
                return (leaf: leaf, isRefusal: Int.random(in: 0..<5, using: &chance) == 0)
            }
            var choice = PackChoice(limit: limit)
            for one in all { choice.add(one.leaf, code: one.leaf, isRefusal: one.isRefusal) }
            let chosen = choice.leaves
            let sorted = all.sorted { $0.leaf < $1.leaf }
            #expect(chosen.count == min(limit, count) && Set(chosen).count == chosen.count)
            let smallest = sorted.prefix(limit).map { $0.leaf }
            #expect(zip(chosen, smallest).filter { $0 != $1 }.count <= 1)
            for side in [true, false] where limit > 1 {
                let first = sorted.first { $0.isRefusal == side }?.leaf
                if let first { #expect(chosen.contains(first)) }
            }
        }
    }

    private func enrolled(
        _ key: UInt8, _ id: UInt8 = 2, kind: String = "passkey", party: String = "example"
    ) throws -> PackSigner {
        let key = Base64.encode([UInt8](repeating: key, count: 32))
        let id = Base64.encode([UInt8](repeating: id, count: 32))
        let text = """
            {"by":"a","cred":"\(id)","key":"\(key)","kind":"\(kind)","node":"gw1","rp":"\(party)",\
            "t":"approver.enrolled","ts":1,"v":1}
            """
        return try #require(PackSigner(enrolledBy: try Record(Array(text.utf8))))
    }

    @Test func `a passkey has the key and the relying party of its enrolment`() throws {
        let genuine = try enrolled(1)
        for other in [try enrolled(3), try enrolled(1, party: "elsewhere")] {
            #expect(other != genuine && other.credential == genuine.credential)
            #expect(throws: PackFault.self) {
                try PackSigner.check([other: "reviews/1.json"], [genuine])
            }
            // One of two enrolments is enough, and one that is not enrolled is left to the report.
            try PackSigner.check([other: "reviews/1.json"], [genuine, other])
            try PackSigner.check([other: "reviews/1.json"], [try enrolled(1, 4)])
        }
        let key = try enrolled(1, kind: "ed25519")
        #expect(key.passkey.isEmpty && key == PackSigner(key: key.key))
        try PackSigner.check([key: "trust/1.json"], [genuine])
    }

    @Test func `a control names a review and the earlier ones`() throws {
        #expect(try PackControl(Array(Self.control.utf8)).reviews == [Octets("01kaf2c0")])
        for (earlier, count) in [(#"["a","b"]"#, 3), ("[1]", 0), (#"["a","a"]"#, 0), ("{}", 0)] {
            let named = Self.control.replacing(
                #""reviewer":{"on""#, with: #""reviewer":{"earlier":\#(earlier),"on""#)
            let bytes = Array(named.utf8)
            #expect(((try? PackControl(bytes))?.reviews.count ?? 0) == count, "\(earlier)")
        }
    }

    @Test func `a check with a part that was left out is not passed after any number of notes`() {
        var report = PackReport()
        for number in 0..<300 { report.leave(.counts, "rule \(number)") }
        report.leave(.signatures, "one key")
        for check in PackCheck.allCases { report.pass(check) }
        #expect(report.unverified.count == PackReport.maximumUnverified)
        #expect(report.result(of: .counts) == "unverified")
        #expect(report.result(of: .signatures) == "unverified")
        #expect(report.result(of: .files) == "passed")
        #expect(report.exit(strict: true) == .nothingOutside)
    }

    private static let control = """
        {"counts":[{"leaf":{"dec":"approve","t":"call.intent"},"n":412},{"check":"x","n":0},\
        {"decisions":1204,"differ":0,"replay":"R1"}],"frameworks":{"owasp-llm":["LLM03"]},\
        "gaps":[{"due":"2026-12-15","text":"one"}],"id":"C05","policy":["sha256:\(digits)"],\
        "reviewer":{"on":"2026-11-12","review":"01kaf2c0","who":"p"},\
        "samples":[{"index":"288120","kind":"approved","leaf":"sha256:\(digits)"}],"statement":"s",\
        "status":"enforced at recheck","tests":[{"at":"2026-11-20T03:00:00Z","id":"a","result":"pass",\
        "where":"deployment"},{"build":"sha256:\(digits)","id":"b","result":"pass","where":"release"}]}
        """

    private static let manifest = """
        {"build":"sha256:\(digits)","built":"2026-11-20T10:12:00Z","by":"i","files":{"report.md":"sha256:\(digits)"},\
        "frameworks":{"atlas":"5.6.0"},"from":"2026-08-01T00:00:00Z","interlock":"1.0.0",\
        "kind":"interlock.evidence","logs":[{"end":{"root":"\(root64)","size":"402117"},\
        "origin":"a/b","start":{"size":"181220"},"witnesses":2}],"policy":["sha256:\(digits)"],\
        "sample_seed":"\(digits)","scope":{"agents":["refunds"],"org":"acme"},\
        "summary":{"enforced":21,"gap":2,"guidance":1},"to":"2026-11-01T00:00:00Z","v":1}
        """

    private static let digits = String(repeating: "1c", count: 32)
    private static let root64 = String(repeating: "A", count: 43) + "="

    @Test func `bytes that no builder made stop no reader of a pack`() throws {
        let (control, manifest) = (Array(Self.control.utf8), Array(Self.manifest.utf8))
        let read = try PackControl(control)
        #expect(read.counts.count == 3 && read.samples.count == 1 && read.tests.count == 2)
        #expect(try PackManifest(manifest).logs[0].endSize == 402_117)
        let key = Base64.encode([UInt8](repeating: 1, count: 32))
        let envelope = Array(
            """
            {"payload":"e30=","payloadType":"application/vnd.interlock.evidence+json",\
            "signatures":[{"keyid":"\(key)","sig":"\(key)"}]}
            """.utf8)
        var chance = SeededGenerator.announced()
        var accepted = 0
        for _ in 0..<rounds(5_000) {
            for sample in [control, manifest, envelope] {
                var bytes = sample
                for _ in 0..<Int.random(in: 1...3, using: &chance) { edit(&bytes, &chance) }
                if (try? PackControl(bytes)) != nil { accepted += 1 }
                if (try? PackManifest(bytes)) != nil { accepted += 1 }
                #expect((try? PackEnvelope(bytes)) == nil)
                _ = ConsistencyProof(bytes)
                _ = PackForm.hasOneReading(bytes, .canonical)
            }
        }
        #expect(accepted > 0, "every edit was refused: nothing was compared")
    }

    private func edit(_ bytes: inout [UInt8], _ chance: inout SeededGenerator) {
        let pieces = Array(#"{}[]",:0a1.-e tfn"#.utf8) + [0x00, 0x7f, 0xc3, 0xff]
        let place = Int.random(in: 0..<bytes.count, using: &chance)
        let piece = pieces.randomElement(using: &chance) ?? 0
        switch Int.random(in: 0..<3, using: &chance) {
        case 0: bytes.insert(piece, at: place)
        case 1 where bytes.count > 1: bytes.remove(at: place)
        default: bytes[place] = piece
        }
    }
}
