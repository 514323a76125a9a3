import InterlockJSON
package import InterlockModel
import InterlockPolicy

/// The fixtures that the agent cases of a suite name, as read.
package struct SuiteWorlds: Sendable {
    private let readings: [ExactText: WorldReading]
    private let patterns: any PatternCompiler

    /// - Parameters:
    ///   - files: each file below `fixtures/` that a case names, with its path in the suite: `fixtures/orders.yaml`. One
    ///     that is not there is left out.
    ///   - patterns: compiles the patterns of `matches`.
    package init(
        _ files: some Sequence<(path: String, file: ParsedEvalFile)>, patterns: any PatternCompiler
    ) {
        var readings: [ExactText: WorldReading] = [:]
        for (path, file) in files { readings[path] = WorldReading(file) }
        self.readings = readings
        self.patterns = patterns
    }

    /// The world of a case, or nil if its file is missing or has an error, which lint reports.
    package func fixture(of agent: AgentCase) -> WorldFixture? {
        readings[agent.world]?.fixture
    }

    /// Returns true if an agent that does nothing passes the case; false if the case has no world, which is an error of
    /// its own.
    func passesIdle(_ agent: AgentCase) -> Bool {
        guard let fixture = fixture(of: agent) else { return false }
        return TrialScore(.idle(in: fixture), of: agent, patterns: patterns).passed
    }

    /// The errors in the fixtures themselves, each file once.
    var errors: [SuiteLint.Problem] {
        readings.values.flatMap(\.findings).map { finding in
            SuiteLint.Problem(
                place: finding.place, message: "\(finding.code.rawValue) \(finding.message)")
        }
    }

    /// The errors of a case that its world shows, one line each.
    func errors(of agent: AgentCase) -> [SuiteLint.Problem] {
        guard let reading = readings[agent.world] else {
            return [
                SuiteLint.Problem(
                    place: agent.place, message: "world: there is no file `\(agent.world)`")
            ]
        }
        // The errors of the file are reported once for the suite, and nothing can be said about its world.
        guard let fixture = reading.fixture else { return [] }
        var found: [SuiteLint.Problem] = []
        for tool in agent.demanded where !fixture.has(tool) {
            found.append(
                SuiteLint.Problem(
                    place: agent.place,
                    message: "`\(agent.world)` has no `\(tool)`, which is demanded"))
            break
        }
        for check in agent.state {
            if let message = problem(of: check, in: fixture) {
                found.append(SuiteLint.Problem(place: check.place, message: message))
            }
        }
        return found
    }

    private func problem(of check: StateCheck, in fixture: WorldFixture) -> String? {
        let name = check.path.tokens.first ?? ""
        guard case .scripted? = ServerName(name).flatMap({ fixture.server($0) })?.body else {
            return "at: `\(check.pointer)`: the fixture has no scripted server `\(name)`"
        }
        guard case .matches(let text) = check.condition else { return nil }
        do throws(PatternError) {
            _ = try patterns.compile(text)
            return nil
        } catch { return "matches: invalid pattern: \(error.message)" }
    }
}
