import InterlockCredentials
import InterlockEvals
import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPatterns
import InterlockPolicy
import InterlockPorts
import InterlockSafety
import InterlockScanning
import Synchronization

/// The checks of arguments that the gateway makes besides the decision: the reviewed schema of the tool, and values that
/// may not be sent.
final class ArgumentChecks: Sendable {
    private let policy: PolicySnapshot
    private let scanner: ResultSearch
    private let schemas = Mutex<[ToolAddress: Compiled]>([:])

    private enum Compiled: Sendable {
        case schema(CompiledSchema)
        /// The tool has no pin.
        case none
        /// The schema cannot be used, so that the gateway does not offer the tool.
        case unusable(String)
    }

    /// - Throws: if the rules for secrets cannot be compiled.
    init(_ policy: PolicySnapshot) async throws(ScanFailure) {
        self.policy = policy
        let hashing = OpenSSLHashing()
        // The values of a broker are a gateway's own; what is known here are the rules alone.
        let values = BrokerValueReader(
            on: globalConcurrentExecutor, longestAge: .seconds(86_400)
        ) { (_) throws(ScanFailure) in
            (values: BrokeredValues(key: (0, 0)), revision: [0])
        }
        scanner = ResultSearch(
            try .builtIn(hashing: hashing), for: values, hashing: hashing,
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

    /// Returns the finding that denies the call. Arguments that cannot be searched at once are `unsearched`.
    func search(_ arguments: JSONValue) -> DecisionFacts.ArgumentFinding? {
        let texts = ResultTexts(arguments)
        guard texts.bytes > 0 else { return nil }
        switch scanner.inspectAtOnce(texts.texts, bytes: texts.bytes) {
        case nil, .failed?: return .unsearched
        case .clean?, .marked?: return nil
        case .undecodable?: return .undecodable
        case .found(let findings, _)?:
            return findings.contains { $0.secretClass == .canary } ? .canary : .secret
        }
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
