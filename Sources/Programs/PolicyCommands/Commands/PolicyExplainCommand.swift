package import InterlockCommandLine
package import InterlockJSON
package import InterlockModel
package import InterlockPolicy
package import InterlockPolicyReview
import InterlockSafety

/// Searches the arguments of a call as the gateway does before it decides, also by the rules next to the policy at the
/// path.
package typealias ArgumentSearch =
    @Sendable (JSONValue, ToolAddress, PolicySnapshot, String, Timestamp) async throws ->
    PolicyTestRunner.ArgumentFacts

extension Command {
    /// The command, with the search of arguments.
    package static func makePolicyExplain(_ search: @escaping ArgumentSearch) -> Command {
        Command(
            "policy explain AGENT [CALL]", "one agent on one page, or one decision step by step",
            example:
                "interlock policy explain refunds billing.refund_request --args '{\"amount_cents\": 9900}'",
            options: PolicyInput.options + [
                Option("--args JSON", "the arguments of the call"),
                .asWritten, .served,
                Option(
                    "--stage STAGE",
                    "at this stage, 0 to 3, or of one call observe, supervised or trusted (default: 0)"
                ),
                Option("--purpose NAME", "the task that the run of the call is for"),
                Option(
                    "--facts FILE",
                    "JSON with on_behalf_of, level, tainted, label, side_channel, classes, sandboxed, "
                        + "counters"),
                Option("--exit-code", "exit 0 for allow, 1 for approve, 2 for deny"),
            ],
            exits: [.no, .second, .data, .notFound, .unavailable],
            notes: """
                CALL is `server.tool`. Pins and halts count as fine. The stage and the limits are those of an
                agent without a trust record; --served asks the running gateway for those of the agent. The arguments are
                searched for secrets and numbers as those of a call; values of a broker and canaries are a gateway's own.
                """
        ) { invocation in
            let input = try PolicyInput(invocation)
            let policy = try input.load()
            let agent = try PolicyInput.agent(invocation.positional[0], in: policy)
            guard invocation.positional.count > 1 else {
                if invocation.has("purpose") {
                    throw Failure(
                        .usage, "missing CALL",
                        help: "`--purpose` is the task of the run of one call")
                }
                let trust = try StatedTrust(invocation, policy)
                guard let page = AgentPage(policy, of: agent, trust[agent], at: input.now) else {
                    return .notFound
                }
                invocation.print(page.json, page.text)
                return .ok
            }
            let tool = try describedTool(invocation.positional[1], in: policy)
            let stated = try statedArguments(invocation)
            let request = DecisionRequest(
                agent: agent, address: tool,
                arguments: policy.dataObligations(of: tool, for: agent)?
                    .argumentsDropped(from: stated) ?? stated)
            var facts = DecisionFacts(counters: [:])
            let trust = try StatedTrust(invocation, policy, takesWords: true)
            let terms = policy.terms(of: agent, trust[agent])
            if let terms { facts.put(under: terms) }
            try ExplainedFacts.read(invocation, into: &facts)
            facts.task = try statedTask(invocation, of: agent, in: policy)
            if (request.arguments.object?.count ?? 0) > 0 {
                let found = try await search(
                    request.arguments, tool, policy, input.path, input.now)
                facts.arguments = found.finding
                facts.classes = facts.classes.union(found.classes)
            }
            let decision = policy.decide(request, facts: facts, now: input.now)
            if invocation.isJSON {
                let value = decision.serialized(for: request, policy: policy.digest, now: input.now)
                Output.bytes(value + [UInt8(ascii: "\n")])
            } else {
                Output.line(decision.steps(for: request, at: input.now))
                for waiver in policy.valueWaivers(of: tool, at: input.now) {
                    Output.line("  waiver      \(waiver)")
                }
                if let terms, decision.stage != terms.written {
                    Output.line("  note        the file says stage \(terms.written.rawValue)")
                }
            }
            guard invocation.has("exit-code") else { return .ok }
            return switch decision.verdict {
            case .allow: .ok
            case .approve: .no
            case .deny: .second
            }
        }
    }
}

private func describedTool(_ text: String, in policy: PolicySnapshot) throws(Failure) -> ToolAddress
{
    let known = policy.toolAddresses
    guard let tool = known.first(where: { $0.description == text }) else {
        throw Failure(
            .notFound, "the policy describes no tool `\(text)`",
            help: didYouMean(text, among: known.map(\.description)))
    }
    return tool
}

private func statedTask(
    _ invocation: Invocation, of agent: AgentName, in policy: PolicySnapshot
) throws(Failure) -> RunTaskName? {
    do throws(UnknownTask) {
        return try policy.task(of: invocation["purpose"], for: agent)
    } catch { throw Failure(.notFound, "\(error)", help: error.help) }
}

private func statedArguments(_ invocation: Invocation) throws(Failure) -> JSONValue {
    let text = invocation["args"] ?? "{}"
    guard let value = try? JSONValue(parsing: Array(text.utf8), limits: .agent),
        value.object != nil
    else {
        throw Failure(.usage, "`--args` is no JSON object", help: #"write '{"amount_cents":100}'"#)
    }
    return value
}

/// The facts of a decision that is explained: all fine, save what the command line says.
enum ExplainedFacts {
    private static let largest = 1 << 20
    private static let known = [
        "on_behalf_of", "level", "tainted", "label", "side_channel", "classes", "sandboxed",
        "counters",
        "stage",
    ]

    static func read(
        _ invocation: Invocation, into facts: inout DecisionFacts
    ) throws(Failure) {
        if let path = invocation["facts"] { try take(object(path), path, &facts) }
        if facts.label == nil { facts.assumeLabel() }
        // A number is the stage of the trust record, from which the terms are.
        if let text = invocation["stage"], Int(text) == nil {
            let near = didYouMean(text, among: TrustStage.allCases.map(\.rawValue))
            facts.effectiveStage = try Invocation.parsed(text, "no stage", help: near, .usage) {
                TrustStage(rawValue: $0)
            }
        }
    }

    private static func object(_ path: String) throws(Failure) -> JSONObject {
        let bytes: [UInt8]
        do throws(FileFailure) { bytes = try File.read(path, limit: largest) } catch {
            throw Failure(error.isMissing ? .notFound : .io, error.message)
        }
        guard let object = (try? JSONValue(parsing: bytes, limits: .agent))?.object else {
            throw Failure(.data, "`\(path)` is no JSON object")
        }
        return object
    }

    private static func take(
        _ object: JSONObject, _ path: String, _ facts: inout DecisionFacts
    ) throws(Failure) {
        func wrong(_ key: String) -> Failure { Failure(.data, "`\(path)`: `\(key)` is not usable") }
        var level: TaintLevel?
        var isTainted: Bool?
        for (key, value) in object.members {
            switch (key, value) {
            case ("on_behalf_of", .string(let text)):
                guard let person = Person(text) else { throw wrong(key) }
                facts.onBehalfOf = person
            case ("level", .string(let text)):
                guard let stated = TaintLevel(name: text) else {
                    throw Failure(
                        .data, "`\(path)`: unknown level `\(text)`",
                        help: "use \(TaintLevel.allCases.map(\.name).joined(separator: ", "))")
                }
                level = stated
            case ("tainted", .bool(let flag)): isTainted = flag
            case ("label", .string(let text)):
                guard let label = ValueLabel(rawValue: text) else { throw wrong(key) }
                facts.label = label
            case ("side_channel", .string(let text)):
                guard let channel = DecisionFacts.SideChannel(rawValue: text) else {
                    throw wrong(key)
                }
                facts.sideChannel = channel
            case ("classes", .array(let values)):
                guard let classes = SecretClassSet(names: values.compactMap(\.string)),
                    classes.classes.count == values.count, classes.isSubset(of: .decided)
                else { throw wrong(key) }
                facts.classes = classes
            case ("sandboxed", .bool(let flag)): facts.sandboxed = flag
            case ("stage", .string(let text)):
                guard let stage = TrustStage(rawValue: text) else { throw wrong(key) }
                facts.effectiveStage = stage
            case ("counters", .object(let counters)):
                var used: [String: Int64] = [:]
                for (name, count) in counters.members {
                    guard let count = count.integer, count >= 0 else { throw wrong(key) }
                    used[name] = count
                }
                facts.counters = used
            default:
                throw Failure(
                    .data, "`\(path)`: `\(key)` is no fact, or not of its kind",
                    help: didYouMean(key, among: known))
            }
        }
        guard let stated = TaintLevel(stated: level, isTainted: isTainted) else {
            throw Failure(
                .data, "`\(path)`: `tainted` contradicts `level`",
                help: "leave `tainted` out: the level says it")
        }
        facts.level = stated
    }
}
