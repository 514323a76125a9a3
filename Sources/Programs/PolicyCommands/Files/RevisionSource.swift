package import InterlockAdministration
import InterlockCommandLine
package import InterlockCredentials
import InterlockJSON
package import InterlockModel
import InterlockPolicy
import InterlockPolicyReview
import InterlockYAML
import InterlockZones

/// A policy on disk with the files next to it: `interlock.lock`, `interlock.signoff` and the files of other parts
/// (docs/specs/policy.md, section 2.1).
package struct RevisionSource: PolicySource {
    /// The policy's file or folder.
    package let path: String

    package init(path: String) { self.path = path }

    package static let signOffName = "interlock.signoff"

    /// The folder that contains the policy.
    package var folder: String {
        let lock = lockPath
        guard let slash = lock.lastIndex(of: "/") else { return "." }
        return slash == lock.startIndex ? "/" : String(lock[..<slash])
    }
    package var lockPath: String { LockFile.path(beside: path) }
    package var signOffPath: String { folder + "/" + Self.signOffName }

    package func read(at now: Timestamp) -> RevisionOnDisk {
        var seen = ReadDigest()
        do throws(RevisionRefusal) {
            return try files(&seen, at: now).found()
        } catch { return RevisionOnDisk(key: seen.key, revision: .failure(error), bundle: []) }
    }

    package func key() -> Digest {
        var seen = ReadDigest()
        _ = try? files(&seen, at: Timestamp(microseconds: 0))
        return seen.key
    }

    /// Reads everything before anything is checked, so that the key covers all bytes even if one part is invalid.
    private func files(
        _ seen: inout ReadDigest, at now: Timestamp
    ) throws(RevisionRefusal) -> RevisionFiles {
        let parts = try parts(&seen)
        let signed = try optional(signOffPath, limit: SignOff.bytesLimit, &seen)
        let lock = lockBytes(&seen)
        let folder = try policyFolder(&seen)
        return RevisionFiles(
            folder: folder, parts: parts.digests, partTexts: parts.texts,
            templates: TemplateFiles(parts.texts),
            signOff: signed, lock: lock, lockPath: lockPath, key: seen.key, now: now)
    }

    /// Returns the lock's bytes. A lock that cannot be read counts as one that pins nothing.
    private func lockBytes(_ seen: inout ReadDigest) -> Result<[UInt8]?, LockProblem> {
        do throws(RevisionRefusal) {
            return .success(try optional(lockPath, limit: PolicyLock.largest, &seen))
        } catch {
            seen.take(lockPath, Array("\(error)".utf8))
            return .failure(.unusable(LockFile.unreadable(lockPath, "\(error)")))
        }
    }

    private func policyFolder(
        _ seen: inout ReadDigest
    ) throws(RevisionRefusal) -> PolicyFolderReading {
        do throws(PolicyFolderError) {
            let folder = try PolicyFolder.read(path)
            for file in folder.files { seen.take("policy/" + file.path, file.bytes) }
            return folder
        } catch { throw .unreadable("\(error)") }
    }

    /// - Returns: the digest and the bytes of each file of other parts.
    private func parts(
        _ seen: inout ReadDigest
    ) throws(RevisionRefusal) -> (digests: [String: Digest], texts: [String: [UInt8]]) {
        do throws(FileFailure) {
            var digests: [String: Digest] = [:]
            var texts: [String: [UInt8]] = [:]
            for path in try PolicyParts(folder: folder).paths() {
                let bytes = try File.readRegular(folder + "/" + path, limit: PolicyParts.fileBytes)
                digests[path] = seen.take(path, bytes)
                texts[path] = bytes
            }
            return (digests, texts)
        } catch { throw .unreadable(error.message) }
    }

    private func optional(
        _ path: String, limit: Int, _ seen: inout ReadDigest
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

/// One digest over all files read so far.
package struct ReadDigest {
    package let hashing = OpenSSLHashing()
    private var digests: [String: Digest] = [:]

    package init() {}

    @discardableResult
    package mutating func take(_ path: String, _ bytes: [UInt8]) -> Digest {
        let digest = hashing.sha256(bytes)
        digests[path] = digest
        return digest
    }

    package var key: Digest {
        let list = digests.sorted { $0.key < $1.key }.map { "\($0.value.hex) \($0.key)\n" }
        return hashing.sha256(Array(list.joined().utf8))
    }
}
