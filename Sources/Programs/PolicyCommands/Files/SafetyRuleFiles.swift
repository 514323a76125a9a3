package import InterlockCommandLine
import InterlockCredentials
import InterlockModel
package import InterlockPolicyReview
package import InterlockSafety
package import InterlockScanning

/// The files of rules of a revision (docs/specs/output-safety.md, section 5).
package enum SafetyRuleFiles {
    /// The name of a file of which the parts are elsewhere: nothing is signed off and then not read.
    private static let unread = "safety.yaml"

    /// - Parameter files: the files of other parts, by path.
    /// - Returns: the rules of the program with these; nil if the files add none.
    /// - Throws: `rules` if a file is invalid, does not compile or fails its own tests.
    @discardableResult
    static func check(_ files: [String: [UInt8]]) throws(RevisionRefusal) -> CompiledRules? {
        guard files[unread] == nil else {
            throw .rules(
                "`\(unread)` is not read; state `safety` in the policy, and rules in files "
                    + "`\(DeploymentRules.folder)/NAME.json`")
        }
        let rules = rules(in: files)
        guard !rules.isEmpty else { return nil }
        guard files.values.reduce(0, { $0 + $1.count }) <= RevisionTexts.mostBytes / 2 else {
            throw .rules("the files beside the policy have more than 32 MiB")
        }
        do throws(ScanFailure) { return try rules.compiled(hashing: OpenSSLHashing()) } catch {
            throw .rules(error.message)
        }
    }

    /// Does the same for commands, with the files next to a policy.
    ///
    /// - Returns: nil if there are none.
    /// - Throws: exit 65 if a file is refused, 66 if one cannot be read.
    @discardableResult
    package static func check(beside policy: String) throws(Failure) -> CompiledRules? {
        let folder = RevisionSource(path: policy).folder
        let names = [DeploymentRules.folder, unread]
        var files: [String: [UInt8]] = [:]
        do throws(FileFailure) {
            for path in try PolicyParts(folder: folder).paths(of: names) {
                files[path] = try File.readRegular(
                    folder + "/" + path, limit: PolicyParts.fileBytes)
            }
        } catch { throw Failure(.notFound, error.message) }
        do throws(RevisionRefusal) { return try check(files) } catch {
            throw Failure(.data, error.description)
        }
    }

    /// Compiles the rules by which calls are searched under a policy on disk: those of the program, with the files next to
    /// the policy.
    ///
    /// - Throws: exit 65 if a file is refused, 66 if one cannot be read.
    package static func compiled(beside policy: String) throws(Failure) -> CompiledRules {
        if let rules = try check(beside: policy) { return rules }
        do throws(ScanFailure) { return try .builtIn(hashing: OpenSSLHashing()) } catch {
            throw Failure(.internalError, "the search for secrets: \(error.message)")
        }
    }

    private static func rules(in files: [String: [UInt8]]) -> DeploymentRules {
        DeploymentRules(files.map { DeploymentRules.File(path: $0.key, bytes: $0.value) })
    }

    /// Compiles the rules of a revision.
    ///
    /// - Returns: nil if it adds none to those of the program.
    package static func compiled(
        of revision: PolicyRevision
    ) throws(ScanFailure) -> CompiledRules? {
        // The texts have the policy's own files, too.
        let parts = revision.identity.files
        let rules = rules(in: revision.texts.files.filter { parts[$0.key] != nil })
        let prefix = DeploymentRules.folder + "/"
        guard rules.isEmpty else { return try rules.compiled(hashing: OpenSSLHashing()) }
        guard !parts.keys.contains(where: { $0.hasPrefix(prefix) }) else {
            throw ScanFailure(.rules, "the files of `\(prefix)` were not kept")
        }
        return nil
    }
}
