import InterlockGateway
import InterlockJSON
import InterlockKeys
import InterlockModel
import InterlockPolicy
import InterlockYAML
import InterlockZones

/// A policy on disk with what lies beside it: `interlock.lock`, `interlock.signoff` and the files of
/// other parts (specs of the policy, 2.1).
struct RevisionSource: PolicySource {
    /// The policy's file or folder.
    let path: String

    static let signOffName = "interlock.signoff"

    /// The folder in which the policy lies.
    var folder: String {
        let lock = lockPath
        guard let slash = lock.lastIndex(of: "/") else { return "." }
        return slash == lock.startIndex ? "/" : String(lock[..<slash])
    }
    var lockPath: String { LockFile.path(beside: path) }
    var signOffPath: String { folder + "/" + Self.signOffName }

    func read(at now: Timestamp) -> FoundRevision {
        var seen = SeenBytes()
        var bundle: [UInt8] = []
        do throws(RevisionRefusal) {
            let revision = try revision(at: now, &seen, &bundle)
            return FoundRevision(key: seen.key, revision: .success(revision), bundle: bundle)
        } catch {
            return FoundRevision(key: seen.key, revision: .failure(error), bundle: bundle)
        }
    }

    private func revision(
        at now: Timestamp, _ seen: inout SeenBytes, _ bundle: inout [UInt8]
    ) throws(RevisionRefusal) -> PolicyRevision {
        // All is read before anything is judged, so that the key covers it whatever is wrong.
        let parts = try parts(&seen)
        let signed = try optional(signOffPath, limit: SignOff.bytesLimit, &seen)
        let lockBytes = try optional(lockPath, limit: PolicyLock.largest, &seen)
        let folder = try policyFolder(&seen)
        let zones = SystemZones().version
        guard
            let bytes = PolicyBundle(files: folder.files, lock: lockBytes, zones: zones).bytes
        else { throw .unreadable("a file of the policy has a name that is no text") }
        bundle = bytes
        // What is served is decided by, and never edited: the agents' trees need not stay.
        let reading = PolicyReader.read(
            folder.files, findings: folder.findings, keepsTrees: false)
        let signOff = try signed.map { bytes throws(RevisionRefusal) in
            do throws(FormError) { return try SignOff(parsing: bytes) } catch {
                throw RevisionRefusal.signOff(.malformed(error))
            }
        }
        let lock = try lock(lockBytes)
        let loaded: LoadedPolicy
        do throws(PolicyRefusal) {
            loaded = try LoadedPolicy(
                reading, lock: lock, at: now, isServed: true, bundle: seen.hashing.sha256(bundle))
        } catch {
            throw .findings(error.findings)
        }
        let identity = RevisionIdentity(
            of: loaded.document, digest: loaded.snapshot.digest, parts: parts, seen.hashing)
        guard let identity else { throw .unreadable("the policy has no canonical form") }
        return PolicyRevision(
            document: loaded.document, snapshot: loaded.snapshot, identity: identity,
            signOff: signOff, lock: lock.lock?.digest, zones: zones)
    }

    private func lock(_ bytes: [UInt8]?) throws(RevisionRefusal) -> LockUse {
        guard let bytes else { return .absent }
        do throws(LockFile.Unusable) {
            return .read(try LockFile.parse(bytes, path: lockPath))
        } catch {
            throw .findings([error.finding])
        }
    }

    private func policyFolder(
        _ seen: inout SeenBytes
    ) throws(RevisionRefusal) -> PolicyFolderReading {
        do throws(PolicyFolderError) {
            let folder = try PolicyFolder.read(path)
            for file in folder.files { seen.take("policy/" + file.path, file.bytes) }
            return folder
        } catch {
            throw .unreadable("\(error)")
        }
    }

    private func parts(_ seen: inout SeenBytes) throws(RevisionRefusal) -> [String: Digest] {
        do throws(FileFailure) {
            var digests: [String: Digest] = [:]
            for path in try PolicyParts(folder: folder).paths() {
                let bytes = try File.readRegular(folder + "/" + path, limit: PolicyParts.fileBytes)
                digests[path] = seen.take(path, bytes)
            }
            return digests
        } catch {
            throw .unreadable(error.message)
        }
    }

    private func optional(
        _ path: String, limit: Int, _ seen: inout SeenBytes
    ) throws(RevisionRefusal) -> [UInt8]? {
        do throws(FileFailure) {
            let bytes = try File.readRegular(path, limit: limit)
            seen.take(path, bytes)
            return bytes
        } catch {
            if error.isMissing { return nil }
            throw .unreadable(error.message)
        }
    }
}

/// What was read so far, as one digest.
struct SeenBytes {
    let hashing = OpenSSLHashing()
    private var digests: [String: Digest] = [:]

    init() {}

    @discardableResult
    mutating func take(_ path: String, _ bytes: [UInt8]) -> Digest {
        let digest = hashing.sha256(bytes)
        digests[path] = digest
        return digest
    }

    var key: Digest {
        let list = digests.sorted { $0.key < $1.key }.map { "\($0.value.hex) \($0.key)\n" }
        return hashing.sha256(Array(list.joined().utf8))
    }
}
