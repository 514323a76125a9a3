package import InterlockCommandLine
import InterlockCredentials
package import InterlockLedger

/// The trust in a log that the command line states: `--vkey`, once per key, and `--trust`.
package struct LogTrust {
    /// Is nil without `--trust`.
    package let file: (policy: TrustPolicy, path: String)?
    /// The keys of `--vkey`.
    private let keys: [VerifierKey]

    /// The trust of a command line without either option.
    package static let nobody = LogTrust()

    private init() { (file, keys) = (nil, []) }

    /// - Throws: exit 64 for text that is not a verifier key, 65 for a malformed trust file.
    package init(_ invocation: Invocation) throws(Failure) {
        keys = try invocation.all("vkey").map { text throws(Failure) in
            try Invocation.parsed(text, "no verifier key", .usage) {
                VerifierKey($0, hashing: OpenSSLHashing())
            }
        }
        file = try invocation["trust"].map { path throws(Failure) in
            let bytes = try File.evidence(path, limit: TrustPolicy.maximumBytes)
            do throws(TrustPolicyError) {
                return (try TrustPolicy(parsing: bytes, hashing: OpenSSLHashing()), path)
            } catch {
                throw Failure(.data, "`\(path)` is no trust file: \(error)")
            }
        }
    }

    package var policy: TrustPolicy? { file?.policy }

    package var isEmpty: Bool { keys.isEmpty && policy == nil }

    /// The keys of `--vkey`, then those of the trust file.
    package var allKeys: [VerifierKey] { keys + (policy?.logs.map(\.key) ?? []) }
}

extension Option {
    package static let logKeys: [Option] = [
        Option(
            "--vkey KEY", "a verifier key of the log (default: this deployment's own)",
            isRepeatable: true),
        Option(
            "--trust FILE",
            "a tlog-policy: the log's keys, witnesses, and how many must have cosigned"),
    ]
}

extension File {
    /// Reads a file that the command line names as evidence.
    ///
    /// - Throws: exit 66 if it does not exist, 65 if it is not a regular file, too large or unreadable.
    package static func evidence(_ path: String, limit: Int) throws(Failure) -> [UInt8] {
        do throws(FileFailure) { return try readRegular(path, limit: limit) } catch {
            throw Failure(error.isMissing ? .notFound : .data, error.message)
        }
    }
}

extension Invocation {
    /// Reads the files of `--old-checkpoint`.
    ///
    /// - Throws: exit 65 for a file that is no signed checkpoint, 66 if it does not exist.
    package func oldCheckpoints() throws(Failure) -> [(name: String, note: [UInt8])] {
        try all("old-checkpoint").map { path throws(Failure) in
            let note = try File.evidence(path, limit: SignedNote.maximumBytes)
            guard (try? Checkpoint(unverified: note)) != nil else {
                throw Failure(.data, "`\(path)` is no signed checkpoint")
            }
            return (path, note)
        }
    }

    /// Parses a count of records; throws for an invalid number instead of ignoring it.
    package func count(_ option: String) throws(Failure) -> UInt64? {
        guard let text = self[option] else { return nil }
        guard let number = UInt64(text), text == String(number) else {
            throw Failure(.usage, "`--\(option) \(text)` is no count of records")
        }
        return number
    }
}
