package import InterlockCommandLine
import InterlockDeployment
import InterlockJSON
import InterlockModel
import InterlockTrust

extension Command {
    /// The time in which a gateway reads a whole log.
    static let promotionPatience = Duration.seconds(180)

    package static let trustPropose = Command(
        "trust propose AGENT", "compute the evidence for a promotion",
        example: "interlock trust propose support-triage --to bounded",
        options: [
            .directory, .json,
            Option("--to STAGE", "the next stage, or the same to attest it again").required,
            Option("--undo", "undo the demotions since the last promotion, as mistaken"),
        ],
        exits: .ofOrders,
        notes: """
            The gateway reads the whole log, and prints each criterion met or missed. If nothing is missing it stores a \
            proposal, which the deciders can sign for 7 days. With `--undo` the cool-down and the loss of credit are left \
            out; two deciders sign it. Exit 1: something is missing, and nothing is stored.
            """
    ) { invocation in
        let agent = try invocation.agentArgument()
        let stage = try stageOption("to", invocation)
        let client = GatewayClient(
            try Deployment.open(invocation), patience: promotionPatience)
        let answer = try client.post(
            "/v1/promotions",
            [
                "agent": .string(agent.text), "to": .string(stage.name),
                "undoes": .bool(invocation.has("undo")),
            ])
        var lines = answer.rows("lines").map { row in
            "  \(row.flag("met") ? "met   " : "missed") \(row.text("criterion")): "
                + "\(row.text("value")); \(row.text("threshold"))"
        }
        let missing = answer.strings("missing")
        lines += missing.map { "  missing: " + TerminalEscaping.shown($0) }
        if let proposal = answer["proposal"]?.string {
            lines.append(
                "proposal \(TerminalEscaping.shown(proposal)), valid until \(answer.text("until")): "
                    + "interlock trust promote \(TerminalEscaping.shown(proposal)) --owner EMAIL "
                    + "--rationale TEXT")
        } else {
            lines.append("nothing is stored: \(missing.count) demands are missing")
        }
        invocation.print(
            answer,
            (["\(agent): \(answer.text("from")) to \(answer.text("to"))"] + lines)
                .joined(separator: "\n"))
        return answer["proposal"]?.string == nil ? .no : .ok
    }

    package static let trustProposals = Command(
        "trust proposals", "list the promotions that wait for signatures",
        example: "interlock trust proposals",
        options: [.directory, .json],
        exits: [.unavailable]
    ) { invocation in
        let rows = try invocation.gateway().get("/v1/promotions").rows("proposals")
        return invocation.print(rows: rows, nothing: "no proposal waits for signatures") { row in
            let waiting = row.strings("waits_for")
            let text =
                waiting.isEmpty
                ? "not signed yet" : "waits for " + waiting.joined(separator: ", ")
            return
                "\(row.text("proposal"))  \(row.text("agent"))  \(row.text("from")) to "
                + "\(row.text("to")), until \(row.text("until"))  \(TerminalEscaping.shown(text))"
        }
    }

    static func stageOption(
        _ option: String, _ invocation: Invocation
    ) throws(Failure) -> AutonomyStage {
        let text = try invocation.require(option)
        guard let stage = AutonomyStage(name: text) else {
            throw Failure(
                .usage, "unknown stage `\(TerminalEscaping.shown(text))`",
                help: "stages: " + AutonomyStage.allCases.map(\.name).joined(separator: ", "))
        }
        return stage
    }
}
