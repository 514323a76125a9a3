import InterlockTesting
import Testing

@testable import InterlockShell

/// The parser compared with the real bash.
@Suite(
    .enabled(if: BashOracle.isPresent || TestFiles.isCI, "needs bash"),
    .requirement("R064", "R067"))
struct `Bash and the parser` {
    @Test func `bash parses what is understood`() {
        let bash = BashOracle()
        defer { bash.remove() }
        let odd: Set<ShellReason> = [
            .syntax, .incomplete, .lookAlike, .hiddenCharacter, .arithmetic, .expansion,
            .definition,
            .history, .tooDeep, .comment,
        ]
        for row in KindRows.all where !row.text.contains("\0") {
            guard !ShellText(row.text).parts.contains(where: { odd.contains($0.reason) }) else {
                continue
            }
            #expect(bash.parses(row.text), "\(row.text.debugDescription)")
        }
    }

    /// Only texts of the kinds that need no approval are run.
    @Test func `bash pushes nothing that is read, however a push is put into it`() {
        let bash = BashOracle()
        defer { bash.remove() }
        var chance = SeededGenerator.announced()
        let texts = KindRows.plain.map(\.text).filter { !$0.contains("/usr/") }
        let pieces = [
            "; git push;", "\ngit push\n", "$(git push)", "`git push`", "'", "\"", "\\", "#", "\n",
            "$'",
            "<<A", "\nA\n", "(", ")", "{ ", "; }", "&&", "|", "eval ", "sh -c ", "env ", "xargs ",
            "$x",
        ]
        #expect(bash.pushes("ls; git push"), "the oracle sees a push")
        var ran = 0
        for _ in 0..<4_000 where ran < 150 {
            var bytes = Array(texts[Int.random(in: 0..<texts.count, using: &chance)].utf8)
            for index in 0..<Int.random(in: 1...4, using: &chance) {
                let most = index == 0 ? 3 : pieces.count - 1
                let piece = pieces[Int.random(in: 0...most, using: &chance)]
                bytes.insert(
                    contentsOf: Array(piece.utf8), at: .random(in: 0...bytes.count, using: &chance))
            }
            let source = String(decoding: bytes, as: UTF8.self)
            guard ShellText(source).kind < .arbitrary else { continue }
            ran += 1
            #expect(!bash.pushes(source), "\(source.debugDescription)")
        }
        #expect(ran > 50)
    }

    @Test func `literal words are what bash passes to a program`() {
        let bash = BashOracle()
        defer { bash.remove() }
        var chance = SeededGenerator.announced()
        let pieces = [
            "a", "b c", "'", "\"", "\\", "$", "-", "=", ",", "{", "}", "[", "]", "#", "~", "%", "!",
            "'x y'",
            "\"x y\"", "\\\"", "\\'", "\\\\", "$'\\t'", "\"\\$\"", "\"\\a\"", "''", "\\\n", ":",
            "@", "é",
        ]
        var sources: [String] = []
        var expected: [String] = []
        while sources.count < 400 {
            var source = ""
            for _ in 0..<Int.random(in: 1...6, using: &chance) {
                source += pieces[Int.random(in: 0..<pieces.count, using: &chance)]
            }
            let text = ShellText("printf '<%s>\\n' " + source)
            let words = text.commands.first?.words.dropFirst(2).map(\.literal) ?? []
            let literals = words.compactMap { $0 }
            guard text.commands.count == 1, literals.count == words.count, !words.isEmpty,
                !literals.contains(where: { $0.contains("\n") }),
                !text.parts.contains(where: { $0.reason == .incomplete || $0.reason == .syntax })
            else { continue }
            sources.append("printf '<%s>\\n' " + source)
            expected += literals.map { "<\($0)>" }
        }
        let output = bash.output(running: sources.joined(separator: "\n"))
        let lines = output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        #expect(lines.map(String.init) == expected)
    }
}
