import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockEvidencePack

/// The documents of a pack as bytes (docs/evidence.md).
@Suite(.requirement("R134")) struct ControlFileTests {
    private func files() throws -> [ControlFile] {
        var log = EvidenceFixture()
        for type in ["call.denied", "run.start", "approval.granted", "policy.loaded"] {
            for _ in 0..<7 { try log.add(type) }
        }
        let counter = log.counter()
        let facts = EvidenceFixture.facts(failed: ["ErasureServiceTests"], guidance: [.c22])
        let day = try #require(CivilDate("2026-11-12"))
        return EvidenceControl.all.map { control in
            ControlFile(
                control, facts, counter, policies: [EvidenceFixture.build],
                reviewer: ControlFile.Reviewer(
                    day: day, review: "r1", scope: "org",
                    who: (1...8).map { "reviewer\($0)@acme.example" }.joined(separator: ", "),
                    earlier: control.id == .c19 ? ["r0"] : []),
                frameworks: FrameworkMap.all,
                further: [ControlGap("Text.", owner: Person("ines@acme.example"), due: day)])
        }
    }

    @Test func `a control file is read as it was written`() throws {
        for file in try files() {
            let bytes = try file.json.canonical()
            #expect(try ControlFile(parsing: bytes) == file)
        }
    }

    @Test func `bytes of another form are refused`() throws {
        let file = try #require(try files().first)
        let good = try #require(file.json.object)
        for (key, _) in good.members where key != "reviewer" {
            var changed = good
            changed[key] = nil
            #expect(throws: FormError.self) { try ControlFile(parsing: changed.canonical()) }
        }
        let bad = [
            ("id", #""C25""#), ("status", #""enforced""#), ("status", #""enforced at ""#),
            ("status", #""compliant""#), ("more", "1"), ("policy", #"["sha256:1"]"#),
            ("tests", #"[{"id":"a"}]"#),
            ("tests", #"[{"build":"x","id":"a","result":"maybe","where":"release"}]"#),
            ("counts", #"[{"n":1}]"#), ("counts", #"[{"check":"no-such-rule","n":0}]"#),
            ("counts", #"[{"check":"outcome-without-intent","leaf":{"t":"a"},"n":0}]"#),
            ("counts", #"[{"leaf":{"dec":"a"},"n":0}]"#),
            ("counts", #"[{"leaf":{"t":"a"},"n":-1}]"#),
            ("samples", #"[{"index":"01","kind":"a","leaf":"sha256:1"}]"#),
            ("gaps", #"[{"due":"x"}]"#), ("frameworks", #"{"a":"b"}"#), ("frameworks", "[]"),
        ]
        for (key, text) in bad {
            var changed = good
            changed[key] = try JSONValue(
                parsing: Array(text.utf8), limits: JSONLimits(bytes: 1000))
            #expect(throws: FormError.self, "\(key) \(text)") {
                try ControlFile(parsing: changed.canonical())
            }
        }
        let bytes = try file.json.canonical()
        #expect(throws: FormError.self) { try ControlFile(parsing: bytes + [0x20]) }
        #expect(throws: FormError.self) { try ControlFile(parsing: []) }
    }

    private func file(with gaps: [ControlGap]) throws -> ControlFile {
        let control = try #require(EvidenceControl.of(.c02))
        return ControlFile(
            control, EvidenceFixture.facts(), EvidenceFixture().counter(), policies: [],
            reviewer: nil, frameworks: [], further: gaps)
    }

    @Test func `of more gaps than a control lists the number is stated, and the file is read`()
        throws
    {
        // A control without records has a gap of its own.
        let own = try file(with: []).gaps
        let all = (0..<12_000).map { ControlGap("The agent `a\($0)` has no owner.") }
        let whole = try file(with: Array(all.prefix(10_000 - own.count)))
        #expect(whole.gaps.count == 10_000)
        let cut = try file(with: all)
        let left = 2_000 + own.count
        #expect(cut.gaps.count == 10_001 && cut.status == .gap)
        #expect(Array(cut.gaps.prefix(10_000)) == Array((own + all).prefix(10_000)))
        #expect(
            cut.gaps.last?.text
                == "\(left) of the \(12_000 + own.count) gaps of this control are not listed here: a pack lists the first 10000."
        )
        for one in [whole, cut] {
            let bytes = try one.json.canonical()
            #expect(bytes.count <= ControlFile.maximumBytes)
            #expect(try ControlFile(parsing: bytes) == one)
        }
    }

    @Test func `long gaps are listed up to what a verifier reads of a control`() throws {
        let long = String(repeating: "x", count: 1_000)
        let cut = try file(with: (0..<8_000).map { ControlGap("\($0) \(long)") })
        #expect(cut.gaps.count < 8_000)
        #expect(cut.gaps.last?.text.contains("are not listed here") == true)
        let bytes = try cut.json.canonical()
        #expect(bytes.count <= ControlFile.maximumBytes)
        #expect(try ControlFile(parsing: bytes) == cut)
    }

    private func manifest(seed: EvidenceManifest.Seed) throws -> EvidenceManifest {
        EvidenceManifest(
            scope: [try #require(AgentName("refunds"))], organisation: "acme",
            from: EvidenceFixture.from, to: EvidenceFixture.to, built: EvidenceFixture.built,
            builder: "ines@acme.example", version: "1.0.0", build: EvidenceFixture.build,
            policies: [EvidenceFixture.build],
            log: EvidenceManifest.Log(
                origin: "audit.acme.example/gw1/2026", start: 0, end: 9,
                root: EvidenceFixture.build, witnesses: 0),
            frameworks: [.owaspLLM], seed: seed, sampleSeed: EvidenceFixture.build,
            isPartial: false)
    }

    @Test func `the manifest has the members of the page and counts each status`() throws {
        let controls = try files()
        let made = try manifest(seed: .log(size: 7, root: EvidenceFixture.build)).payload(
            controls, files: [("report.md", EvidenceFixture.build)])
        #expect(
            Set(made.members.map(\.key)) == [
                "build", "built", "by", "files", "frameworks", "from", "interlock", "kind", "logs",
                "policy", "sample_seed", "scope", "seed_head", "summary", "to", "v",
            ])
        #expect(made["seed_head"]?["size"] == "7")
        #expect(made["summary"]?["guidance"] == 1)
        #expect(made["from"] == "1970-01-01T00:16:40Z")
        let given = try manifest(seed: .given(EvidenceFixture.build)).head(controls)
        #expect(given["seed"] == "given" && given["seed_head"] == nil)
    }

    @Test func `the seed is that of the page`() {
        let root = EvidenceFixture.build
        let expected = OpenSSLHashing().sha256(
            Array("interlock/evidence-seed/1".utf8) + root.bytes)
        #expect(EvidenceManifest.seed(of: root, OpenSSLHashing()) == expected)
    }

    @Test func `names that no archive or folder can hold are refused`() {
        let longest = String(repeating: "a", count: 99)
        for name in ["a", "logs/x/y/checkpoint.end", longest, "a..b/.c"] {
            #expect(PackFileName.isValid(name), "\(name)")
        }
        for name in ["", "/a", "a/", "a//b", "../a", "a/./b", "a b", "a\\b", "é", longest + "a"] {
            #expect(!PackFileName.isValid(name), "\(name)")
        }
    }
}
