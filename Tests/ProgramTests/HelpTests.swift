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

    @Test func `each option is explained once, in lower case or with a name`() {
        for command in commands {
            #expect(Set(command.options.map(\.name)).count == command.options.count)
            #expect(command.options.allSatisfy { !$0.help.isEmpty && !$0.help.hasSuffix(".") })
        }
    }
}
