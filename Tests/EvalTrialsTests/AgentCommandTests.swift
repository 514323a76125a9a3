import InterlockCommandLine
import Testing

@testable import InterlockEvalTrials

struct AgentCommandTests {
    @Test func `a program is found by its path, or by its name in PATH`() throws {
        #expect(try AgentCommand.path(of: "/bin/sh") == "/bin/sh")
        #expect(try AgentCommand.path(of: "sh").hasSuffix("/sh"))
    }

    @Test(arguments: ["", "/", "/no/such", "no-such-program", "/etc/passwd", "etc/passwd"])
    func `what cannot be started is exit 69`(_ word: String) {
        #expect {
            try AgentCommand.path(of: word)
        } throws: { error in
            (error as? Failure)?.exit == .unavailable
        }
    }

    @Test func `no variable that signs or steers a pipeline is inherited`() throws {
        let command = try AgentCommand(["/bin/sh", "-c", "true"])
        #expect(!command.inherited.isEmpty)
        for variable in command.inherited {
            #expect(!AgentCommand.withheld.contains { variable.hasPrefix($0) })
        }
    }
}
