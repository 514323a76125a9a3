import InterlockCommandLine
import Testing

@testable import interlock

@Suite struct HelpTests {
    @Test(arguments: [
        "audit tail", "audit query", "audit show", "audit gaps", "audit export", "agents who",
    ])
    func `a command explains itself as it did when its help was read`(name: String) throws {
        let command = try #require(commands.first { $0.name == name })
        let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false)
            .dropLast().joined(separator: "/")
        let file = name.split(separator: " ").joined(separator: "-")
        let golden = try File.read("\(folder)/Golden/\(file).txt", limit: 1 << 16)
        #expect(Help.text(of: command) == String(decoding: golden, as: UTF8.self))
    }

    @Test func `each example is a command line that its command takes`() throws {
        for command in commands {
            var words = Self.words(command.example)
            #expect(words.first == "interlock")
            words.removeFirst()
            guard case .run(let invocation) = try CommandParser(commands: commands).parse(words)
            else {
                Issue.record("\(command.example) runs nothing")
                continue
            }
            #expect(invocation.command.name == command.name)
        }
    }

    /// The words of a shell's line with single quotes, up to a pipe or a redirection.
    private static func words(_ line: String) -> [String] {
        var words: [String] = []
        var word: String?
        var isQuoted = false
        for character in line {
            if character == "'" {
                isQuoted.toggle()
                word = word ?? ""
            } else if isQuoted || !" >|".contains(character) {
                word = (word ?? "") + String(character)
            } else {
                if let word { words.append(word) }
                word = nil
                if character != " " { return words }
            }
        }
        return words + [word].compactMap(\.self)
    }

    @Test func `a required option is in the usage, marked, and asked for by its name`() throws {
        let dispose = try #require(commands.first { $0.name == "alerts dispose" })
        let help = Help.text(of: dispose)
        #expect(
            help.hasPrefix(
                "usage: interlock alerts dispose ID --reason TEXT [options]\n"))
        #expect(help.contains("why, 1 to 500 characters (required)"))
        #expect(help.contains("\nexample:\n  interlock alerts dispose "))
        let parser = CommandParser(commands: commands)
        let failure = try #require(throws: Failure.self) {
            try parser.parse(["alerts", "dispose", "x", "--as", "fault"])
        }
        #expect(failure.message == "`--reason` is missing")
        #expect(failure.exit == .usage)
    }

    @Test func `each option is explained once, in lower case or with a name`() {
        for command in commands {
            #expect(Set(command.options.map(\.name)).count == command.options.count)
            #expect(command.options.allSatisfy { !$0.help.isEmpty && !$0.help.hasSuffix(".") })
        }
    }
}
