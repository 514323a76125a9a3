package import InterlockAdministration
import InterlockCredentials
package import InterlockModel
package import InterlockPolicy
import InterlockPolicyReview
package import InterlockYAML
import InterlockZones

/// All bytes of one revision, read once, from which the revision is compiled.
package struct RevisionFiles: Sendable {
    package let folder: PolicyFolderReading
    /// The digests of the files of other parts, by path.
    package let parts: [String: Digest]
    /// The bytes of those files.
    package let partTexts: [String: [UInt8]]
    /// The files of those parts that are review templates.
    package let templates: TemplateFiles
    package let signOff: [UInt8]?
    /// The bytes of the lock. Is nil if there is no lock file.
    package let lock: Result<[UInt8]?, LockProblem>
    /// The path of the lock in findings.
    package let lockPath: String
    package let key: Digest
    package let now: Timestamp

    package func found() -> RevisionOnDisk {
        do throws(LockProblem) {
            let bytes = try lock.get()
            let use = try bytes.map { bytes throws(LockProblem) in try read(bytes) }
            return compiled(use ?? .absent, lock: bytes) { refused($0) }
        } catch {
            return RevisionOnDisk(
                key: key, revision: .failure(.lock(error)), bundle: [],
                withoutServers: { refused($0) })
        }
    }

    /// Compiles the revision without its servers; there is no further fallback.
    private func refused(_ problem: LockProblem) -> RevisionOnDisk {
        compiled(.refused(problem), lock: nil, withoutServers: nil)
    }

    private func read(_ bytes: [UInt8]) throws(LockProblem) -> LockUse {
        do throws(LockFile.Unusable) {
            return .read(try LockFile.parse(bytes, path: lockPath))
        } catch { throw .unusable(error.finding) }
    }

    private func compiled(
        _ use: LockUse, lock: [UInt8]?, withoutServers: (@Sendable (LockProblem) -> RevisionOnDisk)?
    ) -> RevisionOnDisk {
        let zones = SystemZones().version
        guard let bundle = PolicyBundle(files: folder.files, lock: lock, zones: zones).bytes else {
            return RevisionOnDisk(
                key: key,
                revision: .failure(.unreadable("a file of the policy has a name that is no text")),
                bundle: [])
        }
        do throws(RevisionRefusal) {
            let revision = try revision(use, bundle: OpenSSLHashing().sha256(bundle), zones: zones)
            return RevisionOnDisk(
                key: key, revision: .success(revision), bundle: bundle,
                withoutServers: withoutServers)
        } catch { return RevisionOnDisk(key: key, revision: .failure(error), bundle: bundle) }
    }

    private func revision(
        _ use: LockUse, bundle: Digest, zones: String
    ) throws(RevisionRefusal) -> PolicyRevision {
        try SafetyRuleFiles.check(partTexts)
        // A served policy is never edited, so the agents' syntax trees are not kept.
        let reading = PolicyReader.read(folder.files, findings: folder.findings, keepsTrees: false)
        let signOff = try signOff.map { bytes throws(RevisionRefusal) in
            do throws(FormError) { return try SignOff(parsing: bytes) } catch {
                throw RevisionRefusal.signOff(.malformed(error))
            }
        }
        let loaded: LoadedPolicy
        do throws(PolicyRefusal) {
            loaded = try LoadedPolicy(
                reading, lock: use, at: now, isServed: true, bundle: bundle, templates: templates)
        } catch { throw .findings(error.findings) }
        let hashing = OpenSSLHashing()
        let digest = loaded.snapshot.digest
        let lock = loaded.snapshot.lock?.digest
        guard
            let identity = RevisionIdentity(
                of: loaded.document, digest: digest, parts: parts, hashing),
            let bare = lock == nil ? digest : loaded.snapshot.canonical?.digest(hashing, lock: nil)
        else { throw .unreadable("the policy has no canonical form") }
        return PolicyRevision(
            document: loaded.document, snapshot: loaded.snapshot, identity: identity,
            signOff: signOff, lock: lock, bare: bare, zones: zones,
            texts: RevisionTexts(
                policy: folder.files, lock: (try? self.lock.get()) ?? nil, parts: partTexts))
    }
}
