import InterlockCredentials
import InterlockTesting
import Testing

@testable import InterlockPolicy
@testable import InterlockPolicyReview

/// The text diff of signed files.
struct TextDiffTests {
    private func joined(_ diff: TextDiff) -> (old: [UInt8], new: [UInt8]) {
        var texts: (old: [UInt8], new: [UInt8]) = ([], [])
        for part in diff.parts {
            for line in diff.old[part.old] { texts.old += line }
            for line in diff.new[part.new] { texts.new += line }
        }
        return texts
    }

    /// The number of lines that no shortest diff removes, by the table of longest common subsequences.
    private func common(_ diff: TextDiff) -> Int {
        var table = Array(
            repeating: Array(repeating: 0, count: diff.new.count + 1), count: diff.old.count + 1)
        for (a, old) in diff.old.enumerated() {
            for (b, new) in diff.new.enumerated() {
                table[a + 1][b + 1] =
                    old.elementsEqual(new)
                    ? table[a][b] + 1 : max(table[a][b + 1], table[a + 1][b])
            }
        }
        return table[diff.old.count][diff.new.count]
    }

    private func text(_ random: inout SeededGenerator) -> [UInt8] {
        let lines = (0..<random.number(12)).map { _ in
            ["a", "b", "\u{e9}", "e\u{301}", ""][random.number(5)]
                + (random.chance(4, of: 5) ? "\n" : "")
        }
        return Array(lines.joined().utf8)
    }

    @Test func `both texts come out of the parts, and no shorter diff exists, for random texts`()
        throws
    {
        let seed = testSeed()
        var random = SeededGenerator(seed: seed)
        for _ in 0..<rounds(3000) {
            let (old, new) = (text(&random), text(&random))
            let diff = try #require(TextDiff(from: old, to: new))
            let made = joined(diff)
            #expect(made.old == old && made.new == new, "seed \(seed)")
            let kept = common(diff)
            #expect(diff.isShortest && diff.removed == diff.old.count - kept, "seed \(seed)")
            #expect(diff.added == diff.new.count - kept, "seed \(seed)")
            var bounds = TextDiff.Bounds()
            bounds.edits = random.number(4)
            let bounded = joined(
                try #require(TextDiff(from: old, to: new, within: bounds)))
            #expect(bounded.old == old && bounded.new == new, "seed \(seed)")
        }
    }

    @Test func `two spellings of one letter differ`() throws {
        let diff = try #require(
            TextDiff(from: Array("\u{e9}\n".utf8), to: Array("e\u{301}\n".utf8)))
        #expect(diff.removed == 1 && diff.added == 1)
    }

    @Test func `texts made to be slow end within the bound, with all lines replaced`() throws {
        func lines(_ factor: Int) -> [UInt8] {
            Array((0..<100_000).map { "\($0 &* factor % 50)\n" }.joined().utf8)
        }
        let clock = ContinuousClock()
        let start = clock.now
        let diff = try #require(TextDiff(from: lines(7919), to: lines(104_729)))
        #expect(clock.now - start < .seconds(10))
        #expect(!diff.isShortest && diff.removed > 90_000 && diff.added > 90_000)
        let made = joined(diff)
        #expect(made.new == lines(104_729))
    }

    @Test func `lines are counted before they are stored`() throws {
        func text(_ text: String) -> [UInt8] { Array(text.utf8) }
        var bounds = TextDiff.Bounds()
        bounds.lines = 3
        #expect(TextDiff(from: text("a\nb"), to: text("a"), within: bounds) != nil)
        #expect(TextDiff(from: text("a\nb"), to: text("a\nb"), within: bounds) == nil)
        for (lines, count) in [("", 0), ("\n", 1), ("a", 1), ("a\n", 1), ("a\n\nb", 3)] {
            #expect(TextDiff.lineCount(of: text(lines)) == count)
        }
        let breaks = String(repeating: "\n", count: 16 << 20)
        let found = diff(["a": "x\n"], ["a": breaks, "b": "y\n"])
        let file = try #require(found.files.first)
        #expect(!found.isWhole && file.hunks.isEmpty && file.isText && !file.isShortest)
        #expect(file.removed == 1 && file.added == 16 << 20)
        #expect(found.files.last?.hunks.count == 1)
    }

    private func diff(_ old: [String: String], _ new: [String: String]) -> RevisionFileDiff {
        func texts(_ files: [String: String]) -> RevisionTexts {
            RevisionTexts(policy: [], lock: nil, parts: files.mapValues { Array($0.utf8) })
        }
        return RevisionFileDiff(from: texts(old), to: texts(new), OpenSSLHashing())
    }

    @Test func `every signed file is there: changed, new, removed and unchanged`() throws {
        let found = diff(
            ["a": "1\n2\n", "b": "x\n", "c": "same\n"],
            ["a": "1\n3", "c": "same\n", "d": "new\n"])
        #expect(found.isWhole && found.files.map(\.path) == ["a", "b", "d"])
        #expect(found.files.map(\.change) == [.changed, .removed, .added])
        #expect(found.unchanged.map(\.path) == ["c"])
        let lines = try #require(found.files.first?.hunks.first).lines
        #expect(lines.map(\.kind) == [.same, .removed, .added])
        #expect(lines.map(\.text) == ["1", "2", "3"])
        #expect(lines.map(\.isUnended) == [false, false, true])
    }

    @Test func `three lines around each difference, and neighbours in one hunk`() throws {
        let old = (1...40).map { "line \($0)\n" }
        var new = old
        new[9] = "changed 10\n"
        new[14] = "changed 15\n"
        new[30] = "changed 31\n"
        let found = diff(["a": old.joined()], ["a": new.joined()])
        let hunks = try #require(found.files.first).hunks
        #expect(hunks.map(\.oldStart) == [7, 28] && hunks.map(\.newStart) == [7, 28])
        #expect(hunks.map(\.lines.count) == [14, 8])
        #expect(hunks.first?.lines.first?.text == "line 7")
        #expect(hunks.last?.lines.last?.text == "line 34")
    }

    @Test func `what is no text, and what is too long, is said`() {
        let binary = RevisionTexts(policy: [], lock: nil, parts: ["a": [0xff, 0xfe]])
        let file = RevisionFileDiff(from: RevisionTexts.none, to: binary, OpenSSLHashing())
        #expect(file.files.first?.isText == false && file.files.first?.hunks.isEmpty == true)
        let long = diff([:], ["a": String(repeating: "x\n", count: 30_000), "b": "y\n"])
        #expect(!long.isWhole && long.files.first?.added == 30_000)
        #expect(long.files.first?.hunks.isEmpty == true)
        let kept = RevisionTexts.none
        #expect(!RevisionFileDiff(from: kept, to: kept, OpenSSLHashing()).isWhole)
    }

    @Test func `of the first revision every file is new, unless its own texts were not kept`() {
        let texts = RevisionTexts(policy: [], lock: [0x7b, 0x7d], parts: ["a": Array("1\n".utf8)])
        let first = RevisionFileDiff(from: nil, to: texts, OpenSSLHashing())
        #expect(first.isWhole && first.files.map(\.change) == [.added, .added])
        #expect(first.files.map(\.path) == ["a", "interlock.lock"])
        #expect(!RevisionFileDiff(from: nil, to: RevisionTexts.none, OpenSSLHashing()).isWhole)
        #expect(!RevisionFileDiff(from: RevisionTexts.none, to: texts, OpenSSLHashing()).isWhole)
    }

    @Test func `no file hides another of the same path`() {
        let file = PolicyFile(path: "approvals/a.yaml", role: .single, bytes: [1])
        let texts = RevisionTexts(
            policy: [file], lock: [2], parts: ["approvals/a.yaml": [3]])
        #expect(texts.files.count == 3 && texts.files["interlock.lock"] == [2])
    }
}
