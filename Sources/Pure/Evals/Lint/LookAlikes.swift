import InterlockJSON
import InterlockModel

/// The pairs of tools that an agent can reach and may take for each other: near names, the same schema, and another
/// effect (docs/specs/evals.md, section 2). The same name on another server is the nearest.
struct LookAlikes {
    /// The pairs in the order of their names.
    private(set) var pairs: [(ToolAddress, ToolAddress)] = []

    /// The tools of one schema that are compared.
    private static let mostCompared = 300

    init(_ tools: [LintFacts.Tool]) {
        var bySchema: [JSONObject: [LintFacts.Tool]] = [:]
        for tool in tools {
            if let schema = tool.schema { bySchema[schema, default: []].append(tool) }
        }
        for alike in bySchema.values {
            let compared = alike.sorted { $0.address < $1.address }.prefix(Self.mostCompared)
            for (number, one) in compared.enumerated() {
                for other in compared.dropFirst(number + 1) where one.looksLike(other) {
                    pairs.append((one.address, other.address))
                }
            }
        }
        pairs.sort { $0 < $1 }
    }

    /// Returns true if an `ambiguous` case has both tools of a pair in its fixture. At tier low, where policy cases
    /// suffice, one that calls a tool of a pair counts too.
    func areCovered(by suite: Suite, in worlds: SuiteWorlds, at tier: Tier) -> Bool {
        suite.counted.contains { one in
            guard one.caseClass == .ambiguous else { return false }
            switch one.body {
            case .policy(let policy):
                return tier == .low
                    && pairs.contains { $0.0 == policy.call || $0.1 == policy.call }
            case .agent(let agent):
                guard let fixture = worlds.fixture(of: agent) else { return false }
                return pairs.contains { fixture.has($0.0) && fixture.has($0.1) }
            }
        }
    }
}

extension LintFacts.Tool {
    /// Returns true if the names are near and the effects differ; the schemas are the same.
    fileprivate func looksLike(_ other: LintFacts.Tool) -> Bool {
        let isNear = didYouMean(address.tool.text, among: [other.address.tool.text]) != nil
        return isNear
            && (address.server != other.address.server || toolClass != other.toolClass
                || effects != other.effects)
    }
}
