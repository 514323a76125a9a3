import InterlockTesting
import Testing

@testable import InterlockShell

/// The kinds of command texts (docs/specs/coding-agents.md, section 3).
@Suite(.requirement("R063", "R064", "R067")) struct `Kinds of commands` {
    @Test func `each text of the table has its kind`() {
        #expect(KindRows.all.count > 500)
        for row in KindRows.all {
            let text = ShellText(row.text)
            let why = text.worst.map { "\($0.reason.rawValue) \($0.entry)" } ?? "no part"
            #expect(text.kind == row.kind, "\(row.text.debugDescription): \(why)")
        }
    }

    @Test func `kinds are ordered by severity, and a text has its worst part's`() {
        #expect(
            ShellKind.allCases.map(\.rawValue) == [
                "read", "test", "write", "arbitrary", "delete", "push", "deploy", "production",
            ])
        #expect(ShellKind.allCases.sorted() == ShellKind.allCases)
        #expect(
            ShellKind.allCases.filter(\.isAlwaysDecided) == [.deploy, .production])
        let samples: [ShellKind: String] = [
            .read: "ls", .test: "swift test", .write: "touch a", .arbitrary: "foo",
            .delete: "rm a", .push: "git push", .deploy: "helm install a", .production: "psql",
        ]
        for first in ShellKind.allCases {
            for second in ShellKind.allCases {
                let text = ShellText("\(samples[first] ?? ""); \(samples[second] ?? "")")
                #expect(text.kind == max(first, second))
                #expect(text.commands.map(\.kind) == [first, second])
            }
        }
    }

    @Test func `commands have their words, assignments and redirections`() throws {
        let text = ShellText("CI=1 git 'st'atus -s \"$x\" 2>/dev/null > out; ls")
        #expect(text.commands.count == 2)
        let command = try #require(text.commands.first)
        #expect(command.program == "git")
        #expect(command.arguments == ["status", "-s", nil])
        #expect(command.assignments.map(\.name) == ["CI"])
        #expect(command.redirections.map(\.target.literal) == ["/dev/null", "out"])
        #expect(command.redirections.map(\.action) == [.output, .output])
        #expect(command.kind == .arbitrary)
    }

    @Test func `a part has the range of its text, and that of the word for a text within`() throws {
        let source = "ls; echo `git push`; sh -c 'rm a'"
        let text = ShellText(source)
        func part(_ kind: ShellKind) throws -> String {
            let part = try #require(text.parts.first { $0.kind == kind })
            return String(decoding: Array(source.utf8)[part.range], as: UTF8.self)
        }
        #expect(try part(.push) == "`git push`")
        #expect(try part(.delete) == "'rm a'")
        #expect(text.worst?.entry == "git push")
        #expect(text.worst?.reason == .listed)
    }

    @Test func `each reason has one sentence`() {
        for reason in ShellReason.allCases {
            #expect(!reason.sentence.isEmpty && !reason.sentence.hasSuffix("."))
        }
    }

    @Test func `the tables name each program and subcommand once`() {
        let rows =
            ProgramTable.readers + ProgramTable.files + ProgramTable.shells + ProgramTable.git
            + ProgramTable.builders + ProgramTable.services
        let names = rows.flatMap { $0.0.split(separator: " ") }
        #expect(Set(names).count == names.count && names.count > 400)
        #expect(ProgramTable.rules.count == names.count)
        for name in names { #expect(name == name.lowercased() || name == "Rscript" || name == "R") }
    }
}

@Suite struct `Bounds of command texts` {
    @Test func `a text over a bound is arbitrary`() {
        let long = String(repeating: "a", count: ShellLimits.bytes)
        #expect(ShellText("echo " + long).worst?.reason == .tooLong)
        #expect(ShellText("echo " + long.dropLast(5)).kind == .read)
        let deep = String(repeating: "(", count: 33) + "ls" + String(repeating: ")", count: 33)
        #expect(ShellText(deep).parts.contains { $0.reason == .tooDeep })
        let fits = String(repeating: "{ ", count: 32) + "ls" + String(repeating: "; }", count: 32)
        #expect(ShellText(fits).kind == .read)
        let many = Array(repeating: "ls", count: 513).joined(separator: ";")
        #expect(ShellText(many).worst?.reason == .tooMany)
        #expect(ShellText(String(many.dropLast(3))).kind == .read)
    }

    /// Texts that repeat one thing up to the longest text: each would be slow if a parser read it again for each level
    /// or position.
    @Test(
        arguments: [
            "(", "$(", "`", "\"$(", "${", "${x:-", "$((", "$((1+", "((", "<(", "{ ", "if ",
            "case x in ",
            "case x in a) ", "f() ", "! ", "time ", "while ", "for x in a; do ", "sh -c '", "eval ",
            "env ", "env env ", "xargs ", "nohup sh -c \"", "find . -exec ", "git ", "git -C ",
            "sudo ", "<<A ",
            "cat <<A\n", "cat <<A\nA\n", "'", "\"", "\\", "$'", "\\\n", "#", "# ;\n", "a;", "a ",
            "a\n",
            "[", "{", "{a,", "*", "$x", "$x[", "！", "a=", "a=(", "a=1 ", ">a ", "<<<a ", "2>&1 ",
            "|", "&&",
            "ls|", "foo git push ", "rm ", "echo `git push`;", "sh -c 'git push';", "awk 'a' ",
            "sed -e p ",
        ])
    func `a text that repeats one thing is read in linear time`(piece: String) {
        let count = ShellLimits.bytes / piece.utf8.count
        let text = String(repeating: piece, count: count)
        let clock = ContinuousClock()
        let taken = clock.measure { _ = ShellText(text) }
        // Linear reading takes some milliseconds, and tens of them in a debug build; quadratic takes minutes.
        #expect(taken < .seconds(5), "\(taken)")
    }

    @Test func `random texts are read without harm, and their ranges lie within`() {
        var chance = SeededGenerator.announced()
        let pieces =
            KindRows.all.map(\.text) + [
                "'", "\"", "`", "$(", ")", "${", "}", "((", "))", "<<A", "\nA\n", ";", "&", "|",
                "\n", "\\", "#",
            ]
        for _ in 0..<3_000 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 0...6, using: &chance) {
                bytes += Array(pieces[Int.random(in: 0..<pieces.count, using: &chance)].utf8)
            }
            for _ in 0..<Int.random(in: 0...4, using: &chance) where !bytes.isEmpty {
                bytes[Int.random(in: 0..<bytes.count, using: &chance)] = .random(
                    in: 0...255, using: &chance)
            }
            let source = String(decoding: bytes, as: UTF8.self)
            let text = ShellText(source)
            let length = source.utf8.count
            for part in text.parts {
                #expect(part.range.upperBound <= length, "\(source.debugDescription)")
            }
            #expect(text.kind == text.parts.map(\.kind).max() ?? .read)
        }
    }
}
