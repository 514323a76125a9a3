import InterlockJSON
package import InterlockModel

/// The rules that are searched for together.
package struct RuleSet: Sendable, Hashable {
    package static let mostRules = 500
    /// The largest file of rules, in bytes.
    package static let mostBytes = 1 << 20

    /// Sorted by id; ids are distinct.
    package let rules: [ScanRule]
    /// The label of the set, such as `2026-11`.
    package let name: String
    /// SHA-256 of the set's RFC 8785 form; of several files, of the digests of each.
    package let digest: Digest

    /// Reads a file of rules.
    package init(parsing bytes: [UInt8], hashing: any Hashing) throws(RuleSetError) {
        let value: JSONValue
        do throws(JSONError) {
            let limits = JSONLimits(depth: 8, bytes: Self.mostBytes, values: 100_000, members: 100)
            value = try JSONValue(parsing: bytes, limits: limits)
        } catch { throw RuleSetError(nil, "\(error)", offset: error.offset) }
        let reader = RuleSetReader()
        (name, rules) = try reader.read(value)
        do { digest = hashing.sha256(try value.canonical()) } catch {
            throw RuleSetError(nil, "\(error)")
        }
    }

    /// Reads files of rules that make one set. Each has the name of the set, and ids are distinct among all.
    package init(joining files: [[UInt8]], hashing: any Hashing) throws(RuleSetError) {
        var common: String?
        var rules: [ScanRule] = []
        var digests: [UInt8] = []
        var ids: Set<RuleID> = []
        for bytes in files {
            let set = try RuleSet(parsing: bytes, hashing: hashing)
            guard sameBytes(common ?? set.name, set.name) else {
                throw RuleSetError(nil, "expected one `name` in all files of a set")
            }
            common = set.name
            for rule in set.rules where !ids.insert(rule.id).inserted {
                throw RuleSetError(rule.id.description, "duplicate id")
            }
            rules += set.rules
            digests += set.digest.bytes
        }
        guard let name = common, rules.count <= Self.mostRules else {
            throw RuleSetError(nil, "expected 1 to \(Self.mostRules) rules")
        }
        self.name = name
        self.rules = rules.sorted { $0.id < $1.id }
        digest = hashing.sha256(digests)
    }

    private init(_ rules: [ScanRule], name: String, digest: Digest) {
        (self.rules, self.name, self.digest) = (rules, name, digest)
    }

    /// Returns the set with the rules of others, under its own name. Ids are distinct among all.
    package func adding(
        _ sets: [RuleSet], hashing: any Hashing
    ) throws(RuleSetError) -> RuleSet {
        guard !sets.isEmpty else { return self }
        var all = rules
        var ids = Set(rules.map(\.id))
        for set in sets {
            for rule in set.rules where !ids.insert(rule.id).inserted {
                throw RuleSetError(rule.id.description, "duplicate id")
            }
            all += set.rules
        }
        guard all.count <= Self.mostRules else {
            throw RuleSetError(nil, "expected at most \(Self.mostRules) rules in all")
        }
        return RuleSet(
            all.sorted { $0.id < $1.id }, name: name,
            digest: hashing.sha256(digest.bytes + sets.flatMap(\.digest.bytes)))
    }

    package subscript(id: RuleID) -> ScanRule? { rules.first { $0.id == id } }
}

/// The reason why a file is not a set of rules.
package struct RuleSetError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The rule, or nil if the whole file is meant.
    package let rule: String?
    package let message: String
    /// The offset of the byte at which the file is no JSON; nil for another reason.
    package let offset: Int?

    package init(_ rule: String?, _ message: String, offset: Int? = nil) {
        (self.rule, self.message, self.offset) = (rule, message, offset)
    }

    package var description: String { rule.map { "rule `\($0)`: \(message)" } ?? message }
}
