import InterlockKeys
import InterlockModel
import InterlockPolicy

/// `interlock.lock` on disk, beside the policy.
enum LockFile {
    /// What is said of a node that has none.
    static let founding =
        "no \(PolicyLock.fileName): what each server lists first counts as reviewed "
        + "(interlock servers pin)"

    /// Why a lock that is there cannot be used.
    struct Unusable: Error {
        let finding: Finding
    }

    static func path(beside policy: String) -> String {
        var folder = policy[...]
        while folder.count > 1, folder.last == "/" { folder.removeLast() }
        if folder == "." || folder == ".." || folder.hasSuffix("/.") || folder.hasSuffix("/..") {
            folder = (File.realPath(policy) ?? policy)[...]
        }
        guard let slash = folder.lastIndex(of: "/") else { return PolicyLock.fileName }
        return folder[...slash] + PolicyLock.fileName
    }

    /// - Throws: exit 65 when the file is there and not sound.
    static func read(_ path: String) throws(Failure) -> LockUse {
        do throws(Unusable) { return try open(path) } catch {
            throw Failure(.data, findings: [error.finding])
        }
    }

    /// What `--lock FILE` and `--no-lock` say; else the file beside the policy, which may be absent.
    static func named(
        by invocation: Invocation, beside policy: String
    ) throws(Unusable) -> LockUse {
        if invocation.has("no-lock") { return .ignored }
        guard let named = invocation["lock"] else { return try open(path(beside: policy)) }
        let use = try open(named)
        if case .absent = use { throw unusable(named, "there is no file `\(named)`") }
        return use
    }

    /// Replaces the file whole, after it was read back from the very bytes that are written.
    static func write(_ lock: PolicyLock, to path: String) throws(Failure) {
        let bytes: [UInt8]
        do throws(FormError) {
            bytes = try lock.canonical()
            _ = try PolicyLock(parsing: bytes, hashing: OpenSSLHashing())
        } catch {
            throw Failure(.data, "the lock cannot be written: \(error)")
        }
        do throws(FileFailure) {
            try File.write(bytes, to: path, mode: 0o644)
            try File.syncFolder(of: path)
        } catch {
            throw Failure(.io, error.message)
        }
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

    /// - Parameter path: for the finding.
    static func parse(_ bytes: [UInt8], path: String) throws(Unusable) -> PolicyLock {
        do throws(FormError) {
            return try PolicyLock(parsing: bytes, hashing: OpenSSLHashing())
        } catch {
            throw Unusable(finding: Finding(lock: error, file: path, bytes: bytes))
        }
    }

    private static func unusable(_ path: String, _ message: String) -> Unusable {
        Unusable(finding: unreadable(path, message))
    }

    /// E406 of a file whose text nobody has seen.
    static func unreadable(_ path: String, _ message: String) -> Finding {
        Finding(
            .lockUnusable, at: PolicyLocation(file: path, line: 1, column: 1), path: "lock", message
        )
    }
}

extension PolicyLock {
    /// With the signature of an envelope about this lock's statement.
    func signed(by envelope: Envelope) throws(Failure) -> PolicyLock {
        do throws(FormError) {
            guard case .key(let key, let bytes) = envelope.signatures.first else {
                throw .notCanonical
            }
            return try adding(
                LockSignature(key: key, bytes: bytes), hashing: OpenSSLHashing())
        } catch {
            throw Failure(.data, "the lock cannot be signed: \(error)")
        }
    }
}
