import InterlockJSON
import InterlockModel

/// An agent case of class `incident` that was made from a run, and counts once a reviewer has stated what should have
/// happened (docs/specs/evals.md, section 7).
package struct AgentCaseDraft: Sendable {
    package let id: CaseID
    /// The text of the case.
    package let text: String
    /// The path of the fixture, below the folder of the suite.
    package let worldPath: String
    package let worldText: String

    package init?(_ run: CapturedRun, _ origin: CaseOrigin) {
        guard let id = CaseID("incident-run-\(origin.leaf)"), let last = run.calls.last else {
            return nil
        }
        self.id = id
        worldPath = "fixtures/\(id).yaml"
        let world = CapturedWorld(run.calls)
        worldText = world.text
        text =
            Self.lines(run, last, origin, id, world, at: worldPath).joined(separator: "\n") + "\n"
    }

    private static func lines(
        _ run: CapturedRun, _ last: CapturedStep, _ origin: CaseOrigin, _ id: CaseID,
        _ world: CapturedWorld, at path: String
    ) -> [String] {
        var lines = [
            "# A recorded run of \(run.calls.count) calls. With `draft: true` the case does not count, until a reviewer has",
            "# stated below `expect` what should have happened, and confirms it by `interlock eval capture --confirm`.",
        ]
        if !world.unanswered.isEmpty {
            let names = FlowText.comment(
                world.unanswered.map(\.description).joined(separator: ", "))
            lines.append(
                "# Calls without a result on record, which the fixture answers by an error: \(names)."
            )
        }
        lines += [
            "interlock_eval: 1", "id: \(id)", "kind: agent", "class: incident", "draft: true",
            "agent: \(run.agent)",
        ]
        if let request = run.request {
            lines.append("request: \(FlowText.quoted(request))")
        } else {
            lines += [
                "# No record has the request of the run. State it, and remove `missing`.",
                "request: \"unknown\"", "missing: [request]",
            ]
        }
        lines += [
            "world: \(path)", "expect:", "  calls:",
            "    # The agent must not try the last recorded call.",
            "    forbidden: [\(pattern(last))]", "origin:", "  - \(origin.flow)",
        ]
        return lines
    }

    private static func pattern(_ step: CapturedStep) -> String {
        let call = "call: \(FlowText.quoted(step.call.description))"
        guard let arguments = step.arguments, !arguments.members.isEmpty else { return "{\(call)}" }
        return "{\(call), args: \(FlowText.text(.object(arguments)))}"
    }
}
