package import InterlockCommandLine
import InterlockDeployment
import InterlockJSON
import InterlockModel

extension Command {
    /// `trust classify`: hands the cause of a denial to the gateway.
    ///
    /// - Parameters:
    ///   - options: those by which `find` opens the log.
    ///   - find: returns the index of the record that the argument names.
    package static func classifyDenial(
        options: [Option], _ find: @escaping @Sendable (String, Invocation) throws -> UInt64
    ) -> Command {
        Command(
            "trust classify LEAF", "record the cause of a denial",
            example:
                "interlock trust classify 4711 --cause attack --reason 'the ticket told it to pay'",
            options: options + [
                .json,
                Option("--cause CAUSE", "attack, policy or agent").required,
                Option("--reason TEXT", "at most 500 characters; recorded").required,
            ],
            exits: [Exit].ofOrders + [.io],
            notes: """
                LEAF is the index or leaf hash of the denial, as `trust explain` prints it. `attack`: its run had read \
                untrusted content by then. `policy`: the policy in force no longer denies the call. `agent`: it counts \
                against the agent, as every denial does without a cause. The latest cause counts.
                """
        ) { invocation in
            let text = try invocation.require("cause")
            let cause: DenialCause = try Invocation.choice(text, "cause")
            let index = try find(invocation.positional[0], invocation)
            let answer = try invocation.gateway().post(
                "/v1/records/\(index)/cause",
                [
                    "as": .string(cause.rawValue),
                    "reason": .string(try invocation.require("reason")),
                ])
            return invocation.print(
                answer, "record \(index): \(answer.text("as")), agent \(answer.text("agent"))")
        }
    }
}
