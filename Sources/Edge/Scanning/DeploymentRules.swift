package import InterlockModel
package import InterlockSafety

/// The rules that a deployment adds to those of the program: the files `rules/NAME.json` next to its policy, in the form that
/// `interlock safety rules FILE` reads. They take nothing away: an id is there once among all.
package struct DeploymentRules: Sendable {
    /// The folder next to the policy.
    package static let folder = "rules"
    /// The most bytes of all files together: they are read and tested before they are signed off.
    package static let mostBytes = 4 << 20

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
        guard files.reduce(0, { $0 + $1.bytes.count }) <= Self.mostBytes else {
            throw ScanFailure(.rules, "the files of `\(Self.folder)` have more than 4 MiB")
        }
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
        // Tests take time, so they begin once the number of rules is known to be within its limit.
        for (file, set) in zip(files, sets) {
            do throws(ScanFailure) { try Self.test(set, hashing) } catch {
                throw ScanFailure(.rules, "`\(file.path)`: \(error.message)")
            }
        }
        return try CompiledRules(joined)
    }

    private static func test(_ set: RuleSet, _ hashing: any Hashing) throws(ScanFailure) {
        if let failure = try RuleSetTest(set, hashing: hashing).failures.first {
            throw ScanFailure(.rules, failure.description)
        }
        for rule in set.rules where rule.strength == .block {
            let pattern = try BytePattern(rule)
            if RuleSetTest.isFound(rule, pattern, in: ordinary, hashing) {
                throw ScanFailure(
                    .rules,
                    "rule `\(rule.id)` finds something in words, times and addresses that calls have; "
                        + "it would deny most calls")
            }
        }
    }

    /// Lines that calls and results have, as they are searched.
    private static let ordinary = Array(
        """
        name
        Ann Example of accounting
        created_at
        2026-11-30T01:52:00Z
        url
        https://docs.example.com/guide/start?page=2
        text
        Please summarise the notes of the meeting, and send them to everyone.
        path
        src/main/index.html
        count
        12
        """.utf8)

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
        return set
    }
}
