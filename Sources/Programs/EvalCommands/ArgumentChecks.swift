import InterlockCommandLine
import InterlockCredentials
import InterlockEvals
import InterlockGovernor
import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPatterns
import InterlockPolicy
import InterlockPolicyCommands
import InterlockPolicyReview
import InterlockPorts
import InterlockSafety
import InterlockScanning
import Synchronization

/// The checks of arguments that the gateway makes besides the decision: the reviewed schema of the tool, and values that
/// may not be sent.
final class ArgumentChecks: Sendable {
    private let policy: PolicySnapshot
    /// Searches arguments here, and in trials what the agent gets from servers too.
    let scanner: ResultSearch
    private let schemas = Mutex<[ToolAddress: Compiled]>([:])

    private enum Compiled: Sendable {
        case schema(CompiledSchema)
        /// The tool has no pin.
        case none
        /// The schema cannot be used, so that the gateway does not offer the tool.
        case unusable(String)
    }

    /// - Throws: exit 65 if a file of rules next to the policy is refused.
    convenience init(_ input: EvalInput) async throws(Failure) {
        try await self.init(input.policy, beside: input.path)
    }

    /// - Parameter path: the policy, next to which a deployment has rules of its own.
    /// - Throws: exit 65 if a file of rules is refused.
    init(_ policy: PolicySnapshot, beside path: String) async throws(Failure) {
        self.policy = policy
        let hashing = OpenSSLHashing()
        // The values of a broker are a gateway's own; what is known here are the rules alone.
        let values = BrokerValueReader(
            on: globalConcurrentExecutor, longestAge: .seconds(86_400)
        ) { (_) throws(ScanFailure) in
            (values: BrokeredValues(key: (0, 0)), revision: [0])
        }
        scanner = ResultSearch(
            try SafetyRuleFiles.compiled(beside: path), for: values, hashing: hashing,
            on: globalConcurrentExecutor, most: 8, callers: 8)
        // Reads the values, without which nothing is searched at once.
        guard let agent = AgentName("eval") else { return }
        _ = await scanner.inspect(["eval"], for: agent)
    }

    /// Returns the violation of the reviewed schema; nil if the arguments fit, or the tool has no pin.
    func violation(of arguments: JSONValue, at address: ToolAddress) -> ArgumentRefusal? {
        switch compiled(address) {
        case .none: return nil
        case .unusable(let why): return ArgumentRefusal(reason: "violation", text: why)
        case .schema(let schema):
            let given = arguments.object ?? [:]
            return schema.validateArguments(
                schema.withoutOptionalNulls(given) ?? given,
                allowsExtra: policy.allowsExtraArguments(address)
            ).map { violation in
                ArgumentRefusal(
                    reason: violation.cause == .extraField ? "extra-field" : "violation",
                    text: violation.description)
            }
        }
    }

    /// Returns what the decision takes from a search. Arguments that cannot be searched at once are `unsearched`.
    ///
    /// - Parameter policy: that of the decision, which may admit values where they are.
    func search(
        _ arguments: JSONValue, of address: ToolAddress, under policy: PolicySnapshot,
        at now: Timestamp
    ) -> PolicyTestRunner.ArgumentFacts {
        let texts = ResultTexts(arguments)
        guard texts.bytes > 0 else { return PolicyTestRunner.ArgumentFacts() }
        guard let found = scanner.inspectAtOnce(texts.texts, bytes: texts.bytes) else {
            return PolicyTestRunner.ArgumentFacts(finding: .unsearched)
        }
        let facts = found.facts(of: arguments, for: address, under: policy, at: now)
        return PolicyTestRunner.ArgumentFacts(finding: facts.finding, classes: facts.classes)
    }

    private func compiled(_ address: ToolAddress) -> Compiled {
        if let known = schemas.withLock({ $0[address] }) { return known }
        let made: Compiled
        if let tool = policy.lock?.tool(address) {
            do throws(SchemaError) {
                made = .schema(
                    try CompiledSchema(.object(tool.inputSchema), patterns: RE2Compiler()))
            } catch { made = .unusable("the schema of the tool cannot be used: \(error)") }
        } else {
            made = .none
        }
        schemas.withLock { $0[address] = made }
        return made
    }
}

/// A refusal of arguments before the decision, with the reason that the gateway states.
struct ArgumentRefusal: Sendable {
    /// `extra-field` or `violation`.
    let reason: String
    let text: String
}
