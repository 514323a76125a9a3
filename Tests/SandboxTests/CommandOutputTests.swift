import Glibc
import InterlockAdministration
import InterlockGovernor
import InterlockSandbox
import Testing

@Suite(.serialized)
struct CommandOutputTests {
    private func output(
        _ script: String, _ starter: Starter = Starter.available[0],
        within time: Duration = .seconds(5),
        limit: Int = 100
    ) async throws -> Result<[UInt8], CommandFailure> {
        let place = try Workplace(starter)
        let launcher = try place.commands()
        return await launcher.output(
            of: ["/bin/sh", "-c", script], environment: [("PATH", "/usr/bin:/bin"), ("A", "b c")],
            within: time, limit: limit)
    }

    @Test(arguments: Starter.available)
    func `what a program prints comes back, and nothing of its stderr`(_ starter: Starter)
        async throws
    {
        let found = try await output(
            "echo \"$A\"; head -c 200000 /dev/zero >&2; printf end", starter)
        #expect(found == .success(Array("b c\nend".utf8)))
    }

    @Test func `its input is closed and nobody else's environment is there`() async throws {
        let found = try await output("cat; env | sort | cut -d= -f1 | tr '\\n' ' '")
        #expect(found == .success(Array("A PATH PWD ".utf8)))
    }

    @Test(arguments: [
        ("exit 3", CommandFailure.exit(3)), ("kill -9 $$", .exit(128 + SIGKILL)),
        ("head -c 101 /dev/zero", .tooLarge), ("yes x | head -c 1000000", .tooLarge),
        ("sleep 1000", .late), ("echo early; exec >&- 2>&-; sleep 1000", .late),
        ("trap '' TERM; while :; do sleep 1; done", .late),
    ])
    func `what gives no output`(script: String, failure: CommandFailure) async throws {
        #expect(try await output(script, within: .seconds(1)) == .failure(failure))
    }

    @Test func `a hundred bytes fit into a hundred`() async throws {
        #expect(try await output("printf %0100d 0") == .success([UInt8](repeating: 48, count: 100)))
    }

    @Test func `a program that is not there`() async throws {
        let place = try Workplace(Starter.available[0])
        let launcher = try place.commands()
        let found = await launcher.output(
            of: ["/nonexistent/program"], environment: [], within: .seconds(5), limit: 10)
        #expect(found == .failure(.exit(127)))
        let none = await launcher.output(
            of: [], environment: [], within: .seconds(5), limit: 10)
        #expect(none == .failure(.launch("the command is empty")))
    }
}
