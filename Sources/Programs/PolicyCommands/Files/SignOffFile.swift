import InterlockAdministration
package import InterlockCommandLine
import InterlockCredentials
package import InterlockDeployment
package import InterlockModel
import InterlockPolicy
package import InterlockPolicyReview
package import InterlockPorts
package import InterlockStore

/// `interlock.signoff` next to a policy: read, signed, and replaced by rename.
package struct SignOffFile: Sendable {
    package let source: RevisionSource

    /// - Parameter path: the policy's file or folder.
    package init(besidePolicy path: String) { source = RevisionSource(path: path) }

    /// Adds one person's signature for the revision that is on disk now. The first signer of a revision is its
    /// author, unless another is named; an older sign-off is replaced.
    ///
    /// - Parameter seen: the digest of the policy that the person was shown. If the policy or its lock has changed
    ///   since, nothing is signed.
    /// - Returns: the new content of the file.
    /// - Throws: 65 if the revision does not compile or is not the one in `seen`, 73 if the file cannot be written.
    @discardableResult
    package func sign(
        by signer: PersonSigner, seen: Digest, author: Person? = nil, at now: Timestamp
    ) throws(Failure) -> SignOff {
        let revision: PolicyRevision
        do throws(RevisionRefusal) { revision = try source.read(at: now).revision.get() } catch {
            throw Failure(.data, "\(error)")
        }
        guard revision.snapshot.digest == seen else {
            throw Failure(
                .data, "the policy to sign is not the one that was compared",
                help: "compare again; what is signed has the lock that lies beside it")
        }
        let person = signer.person.person
        var signOff = revision.signOff(for: author ?? person)
        guard author == nil || author == signOff.author else {
            throw Failure(.data, "its author is `\(signOff.author)` by what others signed")
        }
        let envelope = try signer.sign(.signOff, try statement(of: signOff))
        guard let made = envelope.signatures.first else {
            throw Failure(.internalError, "the key made no signature")
        }
        do throws(FormError) {
            try signOff.add(SignOff.Signature(by: person, at: now.wholeSecond, made: made))
        } catch { throw Failure(.data, "\(error)") }
        try write(signOff)
        return signOff
    }

    private func statement(of signOff: SignOff) throws(Failure) -> [UInt8] {
        do throws(FormError) { return try signOff.statement() } catch {
            throw Failure(.data, "\(error)")
        }
    }

    private func write(_ signOff: SignOff) throws(Failure) {
        try StoreFailure.exits(.cannotCreate, try keep(signOff))
    }

    /// Replaces the whole file; durable on return.
    package func keep(_ signOff: SignOff) throws(StoreFailure) {
        let bytes: [UInt8]
        do throws(FormError) { bytes = try signOff.bytes() } catch {
            throw StoreFailure(reason: "\(error)")
        }
        do throws(FileFailure) {
            try File.write(bytes, to: source.signOffPath, mode: 0o644)
            try File.syncFolder(of: source.signOffPath)
        } catch { throw StoreFailure(reason: error.message) }
    }
}

/// Writes the same file for the console on a separate thread.
package struct SignOffFileStore: PendingSignOffStore {
    private let file: SignOffFile
    private let jobs: JobThread

    package init(file: SignOffFile, jobs: JobThread) {
        self.file = file
        self.jobs = jobs
    }

    package func keep(_ signOff: SignOff) async throws(StoreFailure) {
        let file = file
        try await jobs.answer(busy: "the sign-off is written already") { () throws(StoreFailure) in
            try file.keep(signOff)
        }
    }
}
