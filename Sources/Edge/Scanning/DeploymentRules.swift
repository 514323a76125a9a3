package import InterlockModel
package import InterlockSafety

/// The rules that a deployment adds to those of the program: the files `rules/NAME.json` next to its policy, in the form that
/// `interlock safety rules FILE` reads. They take nothing away: an id is there once among all.
package struct DeploymentRules: Sendable {
    /// The folder next to the policy.
    package static let folder = "rules"

    package struct File: Sendable {
        package let path: String
        package let bytes: [UInt8]

        package init(path: String, bytes: [UInt8]) { (self.path, self.bytes) = (path, bytes) }
    }

    /// Sorted by path.
    private let files: [File]

    /// - Parameter files: the files next to a policy; those of other folders are ignored.
    package init(_ files: [File]) {
        self.files = files.filter { $0.path.hasPrefix(Self.folder + "/") }
            .sorted { $0.path < $1.path }
    }

    package var isEmpty: Bool { files.isEmpty }

    /// Compiles the rules of the program and of the deployment in both engines, after the tests of the deployment's own.
    ///
    /// - Throws: a failure that names the file and, if it is about one, the rule.
    package func compiled(hashing: any Hashing) throws(ScanFailure) -> CompiledRules {
        var sets: [RuleSet] = []
        for file in files {
            do throws(ScanFailure) { sets.append(try Self.set(file, hashing)) } catch {
                throw ScanFailure(.rules, "`\(file.path)`: \(error.message)")
            }
        }
        let rules = try RuleSet.builtIn(for: .calls, hashing: hashing)
        let joined: RuleSet
        do throws(RuleSetError) { joined = try rules.adding(sets, hashing: hashing) } catch {
            throw ScanFailure(.rules, "`\(Self.folder)`: \(error.description)")
        }
        return try CompiledRules(joined)
    }

    private static func set(_ file: File, _ hashing: any Hashing) throws(ScanFailure) -> RuleSet {
        guard file.path.hasSuffix(".json"), !file.path.dropFirst(folder.count + 1).contains("/")
        else { throw ScanFailure(.rules, "expected a file `\(folder)/NAME.json`") }
        let set: RuleSet
        do throws(RuleSetError) { set = try RuleSet(parsing: file.bytes, hashing: hashing) } catch {
            throw ScanFailure(.rules, error.description)
        }
        for rule in set.rules {
            // Policies raise these classes, so a rule must not decide for itself.
            let isMarked = SecretClassSet.marked.contains(rule.secretClass)
            guard rule.strength == (isMarked ? .mark : .block) else {
                throw ScanFailure(
                    .rules,
                    "rule `\(rule.id)`: class `\(rule.secretClass.rawValue)` needs strength "
                        + (isMarked ? "`mark`" : "`block`"))
            }
        }
        if let failure = try RuleSetTest(set, hashing: hashing).failures.first {
            throw ScanFailure(.rules, failure.description)
        }
        return set
    }
}
