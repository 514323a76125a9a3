import InterlockTesting
import Testing

@testable import InterlockShell

/// Changes of texts that must not change, or must not lower, their kind.
@Suite(.requirement("R064", "R067")) struct `Hidden commands` {
    @Test func `a push after any command is never read`() {
        for row in KindRows.plain {
            let text = ShellText(row.text)
            let bytes = Array(row.text.utf8)
            var ends = Set(text.commands.map(\.range.upperBound))
            ends.insert(0)
            for end in ends {
                let before = String(decoding: bytes[..<end], as: UTF8.self)
                let after = String(decoding: bytes[end...], as: UTF8.self)
                let pushes = end == 0 ? "git push; " : "; git push"
                #expect(
                    ShellText(before + pushes + after).kind >= .arbitrary,
                    "\((before + pushes + after).debugDescription)")
            }
            #expect(ShellText(row.text + "\ngit push").kind >= .push)
        }
    }

    @Test func `quoting a word does not change the kind`() {
        var count = 0
        for row in KindRows.all {
            let text = ShellText(row.text)
            let bytes = Array(row.text.utf8)
            for word in text.commands.flatMap(\.words) {
                // Only words that are written as they are received; `[[` and its operators are no words if quoted.
                guard let literal = word.literal, !literal.isEmpty, !literal.contains("'"),
                    literal != "[[", literal.utf8.allSatisfy({ $0 < 0x80 }),
                    bytes[word.range].elementsEqual(literal.utf8)
                else { continue }
                for quoted in ["'\(literal)'", "\\\(literal)", "''\(literal)"] {
                    if quoted.hasPrefix("\\"), literal.first == "\n" { continue }
                    let changed =
                        String(decoding: bytes[..<word.range.lowerBound], as: UTF8.self) + quoted
                        + String(decoding: bytes[word.range.upperBound...], as: UTF8.self)
                    count += 1
                    #expect(
                        ShellText(changed).kind == text.kind, "\(changed.debugDescription)")
                }
            }
        }
        #expect(count > 1_000)
    }

    @Test func `an expansion in a word never lowers the kind below that of the program`() {
        for program in ["rm", "psql", "scp"] {
            let kind = ShellText(program).kind
            for word in ["$x", "\"$x\"", "`ls`", "*", "~", "{a,b}"] {
                #expect(ShellText("\(program) \(word)").kind == kind)
            }
        }
    }

    @Test func `no character outside of ASCII is part of an operator or a program of the table`() {
        for value in UInt32(0x80)...0x2fff {
            guard let scalar = UnicodeScalar(value) else { continue }
            #expect(ShellText("g\(scalar)t status").kind == .arbitrary)
            let apart = ShellText("ls\(scalar)git push").kind
            #expect(apart == .arbitrary || apart == .push, "\(value)")
        }
    }

    @Test func `every control character makes a text arbitrary`() {
        for value in Array(UInt8(0)...31) + [127] where value != 9 && value != 10 {
            let scalar = UnicodeScalar(value)
            #expect(ShellText("ls '\(scalar)'").kind == .arbitrary)
        }
    }
}
