import InterlockJSON
import InterlockModel

/// Reads the members of a file of rules. Unknown members are refused.
struct RuleSetReader {
    private static let mostTests = 50
    private static let mostParts = 20
    private static let classes = SecretClass.allCases.filter(\.isOfRules).map(\.rawValue)
        .joined(separator: ", ")

    func read(_ value: JSONValue) throws(RuleSetError) -> (name: String, rules: [ScanRule]) {
        do throws(FormError) {
            let fields = try StrictFields(value, required: ["interlock_rules", "name", "rules"])
            _ = try fields.integer("interlock_rules", in: 1...1)
            let name = try fields.string("name", length: 1...64)
            let list = try fields.array("rules", count: 1...RuleSet.mostRules)
            return (name, try rules(list))
        } catch { throw RuleSetError(nil, error.description) }
    }

    private func rules(_ list: [JSONValue]) throws(FormError) -> [ScanRule] {
        var rules: [ScanRule] = []
        var ids: Set<RuleID> = [.brokered, .canary, .undecodable]
        for (index, value) in list.enumerated() {
            let rule = try self.rule(value, at: "rules[\(index)]")
            guard ids.insert(rule.id).inserted else {
                throw .badMember("rules[\(index)].id", "an id that no other rule has")
            }
            rules.append(rule)
        }
        return rules.sorted { $0.id < $1.id }
    }

    private func rule(_ value: JSONValue, at path: String) throws(FormError) -> ScanRule {
        let fields = try StrictFields(
            value, at: path, required: ["id", "class", "strength", "pattern", "source", "tests"],
            optional: ["check", "entropy", "allow", "candidate"])
        let text = try fields.string("pattern", length: 1...RulePattern.longestText)
        let pattern: RulePattern
        do throws(RulePatternError) { pattern = try RulePattern(text) } catch {
            throw fields.bad("pattern", "a pattern of rules: \(error)")
        }
        let tests = try StrictFields(
            try fields.value("tests"), at: path + ".tests", required: ["match", "miss"])
        if fields.has("candidate"), try fields.string("candidate", length: 1...64) != "pattern" {
            throw fields.bad("candidate", "pattern")
        }
        return ScanRule(
            id: try fields.made("id", "1 to 64 of a-z, 0-9 and -", RuleID.init),
            secretClass: try fields.made("class", Self.classes) { text in
                SecretClass(rawValue: text).flatMap { $0.isOfRules ? $0 : nil }
            },
            strength: try fields.made("strength", "block or mark", FindingStrength.init),
            pattern: pattern,
            candidates: fields.has("candidate")
                ? RuleCandidates(wholeOf: pattern.node) : pattern.candidates,
            check: fields.has("check")
                ? try fields.made(
                    "check", ValueCheck.allCases.map(\.rawValue).joined(separator: ", "),
                    ValueCheck.init) : nil,
            entropy: fields.has("entropy") ? Int(try fields.integer("entropy", in: 0...800)) : 0,
            allowed: fields.has("allow") ? try texts("allow", of: fields) : [],
            source: try fields.string("source", length: 1...300),
            tests: ScanRule.Tests(
                match: try texts("match", of: tests, least: 1),
                miss: try texts("miss", of: tests, least: 1)))
    }

    /// Reads texts, each as a list of parts that are joined: so that a file of rules has no example whole, which another
    /// scanner would find.
    private func texts(
        _ key: String, of fields: StrictFields, least: Int = 0
    ) throws(FormError) -> [[UInt8]] {
        var texts: [[UInt8]] = []
        for value in try fields.array(key, count: least...Self.mostTests) {
            guard let parts = value.array, (1...Self.mostParts).contains(parts.count) else {
                throw fields.bad(key, "lists of 1 to \(Self.mostParts) parts of a text")
            }
            var text: [UInt8] = []
            for part in parts {
                guard let part = part.string, part.utf8.count <= 2 * RulePattern.longestMatch else {
                    throw fields.bad(key, "texts of at most \(2 * RulePattern.longestMatch) bytes")
                }
                text += part.utf8
            }
            texts.append(text)
        }
        return texts
    }
}
