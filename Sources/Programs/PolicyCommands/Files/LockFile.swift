package import InterlockCommandLine
import InterlockCredentials
package import InterlockModel
package import InterlockPolicy

/// `interlock.lock` on disk, next to the policy.
package enum LockFile {
    /// The notice for a node without a lock.
    package static let founding =
        "no \(PolicyLock.fileName): what each server lists first counts as reviewed "
        + "(interlock servers pin)"

    /// The reason that an existing lock cannot be used.
    package struct Unusable: Error {
        package let finding: Finding
    }

    package static func path(beside policy: String) -> String {
        var folder = policy[...]
        while folder.count > 1, folder.last == "/" { folder.removeLast() }
        if folder == "." || folder == ".." || folder.hasSuffix("/.") || folder.hasSuffix("/..") {
            folder = (File.realPath(policy) ?? policy)[...]
        }
        guard let slash = folder.lastIndex(of: "/") else { return PolicyLock.fileName }
        return folder[...slash] + PolicyLock.fileName
    }

    /// - Throws: exit 65 if the file exists and is not valid.
    package static func read(_ path: String) throws(Failure) -> LockUse {
        do throws(Unusable) { return try open(path) } catch {
            throw Failure(.data, findings: [error.finding])
        }
    }

    /// The lock that `--lock FILE` or `--no-lock` selects; by default the file next to the policy, which may be
    /// absent.
    package static func named(
        by invocation: Invocation, beside policy: String
    ) throws(Unusable) -> LockUse {
        if invocation.has("no-lock") { return .ignored }
        guard let named = invocation["lock"] else { return try open(path(beside: policy)) }
        let use = try open(named)
        if case .absent = use { throw unusable(named, "there is no file `\(named)`") }
        return use
    }

    /// Replaces the whole file, after parsing the bytes to be written. Durable on return.
    package static func write(_ lock: PolicyLock, to path: String) throws(Failure) {
        let bytes: [UInt8]
        do throws(FormError) {
            bytes = try lock.canonical()
            _ = try PolicyLock(parsing: bytes, hashing: OpenSSLHashing())
        } catch { throw Failure(.data, "the lock cannot be written: \(error)") }
        do throws(FileFailure) {
            try File.write(bytes, to: path, mode: 0o644)
            try File.syncFolder(of: path)
        } catch { throw Failure(.io, error.message) }
    }

    private static func open(_ path: String) throws(Unusable) -> LockUse {
        let bytes: [UInt8]
        do throws(FileFailure) {
            bytes = try File.readRegular(path, limit: PolicyLock.largest)
        } catch {
            if error.isMissing { return .absent }
            throw unusable(path, error.message)
        }
        return .read(try parse(bytes, path: path))
    }

    /// - Parameter path: the name of the file in findings.
    package static func parse(_ bytes: [UInt8], path: String) throws(Unusable) -> PolicyLock {
        do throws(FormError) {
            return try PolicyLock(parsing: bytes, hashing: OpenSSLHashing())
        } catch { throw Unusable(finding: Finding(lock: error, file: path, bytes: bytes)) }
    }

    private static func unusable(_ path: String, _ message: String) -> Unusable {
        Unusable(finding: unreadable(path, message))
    }

    /// E406 for a file that could not be read.
    package static func unreadable(_ path: String, _ message: String) -> Finding {
        Finding(
            .lockUnusable, at: PolicyLocation(file: path, line: 1, column: 1), path: "lock", message
        )
    }
}

extension PolicyLock {
    /// Returns the lock with the signature of an envelope over this lock's statement.
    package func signed(by envelope: Envelope) throws(Failure) -> PolicyLock {
        do throws(FormError) {
            guard case .key(let key, let bytes) = envelope.signatures.first else {
                throw .notCanonical
            }
            return try adding(LockSignature(key: key, bytes: bytes), hashing: OpenSSLHashing())
        } catch { throw Failure(.data, "the lock cannot be signed: \(error)") }
    }
}
