package import InterlockCommandLine
import InterlockCredentials
package import InterlockLedger
package import InterlockModel
package import InterlockPorts
package import InterlockWitness

/// `trust.policy`, the logs and witnesses that this node trusts, and `trust.policy.now` next to it, the witnesses
/// that are contacted immediately.
package struct TrustFiles: TrustPolicyStore {
    package let path: String
    package var marksPath: String { path + ".now" }

    package init(path: String) { self.path = path }

    /// - Throws: exit 66 if there is no trust file, 65 if one of the two files is invalid.
    package func load() throws(Failure) -> (policy: TrustPolicy, marks: ImmediateWitnessList) {
        guard let bytes = try read(path, limit: TrustPolicy.maximumBytes) else {
            throw Failure(
                .notFound, "there is no trust file `\(path)`",
                help: "`interlock init` makes one; without witnesses it says `quorum none`")
        }
        let policy: TrustPolicy
        do throws(TrustPolicyError) {
            policy = try TrustPolicy(parsing: bytes, hashing: OpenSSLHashing())
        } catch { throw Failure(.data, "`\(path)`: \(error)") }
        guard let marksBytes = try read(marksPath, limit: ImmediateWitnessList.maximumBytes) else {
            return (policy, ImmediateWitnessList())
        }
        guard let marks = ImmediateWitnessList(parsing: marksBytes) else {
            throw Failure(.data, "`\(marksPath)` is no list of names")
        }
        return (policy, marks)
    }

    package func save(policy: String, marks: String) throws(TrustStoreFailure) {
        do throws(FileFailure) {
            // The list is written first: a name without a witness has no effect, but a witness without its name is
            // contacted too late.
            try File.write(Array(marks.utf8), to: marksPath, ownedAs: path)
            try File.write(Array(policy.utf8), to: path)
            try File.syncFolder(of: path)
        } catch { throw TrustStoreFailure(reason: error.message) }
    }

    /// Lists a key of this node's own log in the trust file, so that the line to give to others is in it, and removes a
    /// stolen one. Durable on return; a repetition changes nothing. A deployment without a trust file has nothing to
    /// change.
    package func list(own key: VerifierKey, replacing stolen: PublicKey? = nil) throws(Failure) {
        guard try read(path, limit: TrustPolicy.maximumBytes) != nil else { return }
        let (policy, marks) = try load()
        var changed = policy
        if let stolen { changed = changed.removing(log: stolen.bytes) }
        do throws(TrustPolicyError) { changed = try changed.adding(log: key) } catch {
            throw Failure(.data, "`\(path)`: \(error)")
        }
        guard changed != policy else { return }
        do throws(TrustStoreFailure) {
            try save(policy: changed.text, marks: marks.text)
        } catch { throw Failure(.io, error.reason) }
    }

    private func read(_ path: String, limit: Int) throws(Failure) -> [UInt8]? {
        do throws(FileFailure) { return try File.readRegular(path, limit: limit) } catch {
            guard error.isMissing else { throw Failure(.io, error.message) }
            return nil
        }
    }
}
