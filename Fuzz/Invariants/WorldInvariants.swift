import InterlockEvals
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockYAML

extension Invariants {
    /// The input is a fixture. Reading twice gives the same result, a file with an error gives no world, and a call either
    /// is answered or leaves the state as it was and is a gap.
    package static func world(_ bytes: [UInt8]) {
        let file = SuiteReader.File(path: "input.yaml", bytes: bytes)
        let reading = WorldReading(SuiteReader.parsed(file))
        precondition(
            reading.findings == WorldReading(SuiteReader.parsed(file)).findings,
            "what is said of a file is a function of its bytes")
        precondition(
            (reading.fixture == nil) != reading.findings.isEmpty,
            "a file is a fixture, or it says why not")
        reading.findings.forEach(checkInput)
        if let fixture = reading.fixture { check(fixture) }
    }

    private static func check(_ fixture: WorldFixture) {
        precondition(
            (1...EvalLimits.worldServers).contains(fixture.servers.count), "servers are bounded")
        var world = World(fixture)
        for server in fixture.servers.prefix(2) {
            guard case .scripted(let scripted) = server.body else { continue }
            for tool in scripted.tools.prefix(4) {
                let address = ToolAddress(server: server.name, tool: tool.name)
                precondition(fixture.has(address), "a tool of the world is in it")
                for answer in tool.answers.prefix(2) {
                    check(address, arguments(for: answer), &world)
                }
            }
        }
    }

    private static func check(
        _ tool: ToolAddress, _ arguments: JSONObject, _ world: inout World
    ) {
        let before = world
        let answer = world.call(tool, arguments)
        precondition(world.calls == before.calls + 1, "each call counts")
        precondition(
            world.gaps.count == before.gaps.count
                || answer.isError && world.state == before.state, "a gap changes nothing")
        precondition(
            !world.state.members.contains { $0.value.isDeeper(than: 2 * JSONPatch.deepest) },
            "states are bounded")
    }

    /// Arguments that have the top-level values that the answer wants.
    private static func arguments(for answer: ScriptedAnswer) -> JSONObject {
        var arguments = JSONObject()
        for wanted in answer.match where wanted.path.tokens.count == 1 {
            arguments[wanted.path.tokens[0]] = wanted.value
        }
        return arguments
    }
}
