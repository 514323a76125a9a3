import InterlockKeys
import InterlockLedger

/// Whom a command is told to believe about a log: `--vkey`, as often as there are keys, and `--trust`.
struct LogTrust {
    /// nil without `--trust`.
    let policy: TrustPolicy?
    /// Of `--vkey`.
    private let keys: [VerifierKey]

    /// Where nothing is told.
    static let nobody = LogTrust()

    private init() { (policy, keys) = (nil, []) }

    /// - Throws: exit 64 for a text that is no key, 65 for a trust file that is malformed.
    init(_ invocation: Invocation) throws(Failure) {
        keys = try invocation.all("vkey").map { text throws(Failure) in
            guard let key = VerifierKey(text, hashing: OpenSSLHashing()) else {
                throw Failure(.usage, "`\(text)` is no verifier key")
            }
            return key
        }
        policy = try invocation["trust"].map { path throws(Failure) in
            let bytes = try File.evidence(path, limit: TrustPolicy.maximumBytes)
            do throws(TrustPolicyError) {
                return try TrustPolicy(parsing: bytes, hashing: OpenSSLHashing())
            } catch {
                throw Failure(.data, "`\(path)` is no trust file: \(error)")
            }
        }
    }

    var isEmpty: Bool { keys.isEmpty && policy == nil }

    /// Of the command line, then of the trust file.
    var allKeys: [VerifierKey] { keys + (policy?.logs.map(\.key) ?? []) }
}

extension Option {
    static let logKeys: [Option] = [
        Option(
            name: "vkey", value: "KEY",
            help: "a verifier key of the log (default: this deployment's own)",
            isRepeatable: true),
        Option(
            name: "trust", value: "FILE",
            help: "a tlog-policy: the log's keys, witnesses, and how many must have cosigned"),
    ]
}

extension File {
    /// A file that the command line names as part of what is to be judged.
    /// - Throws: exit 66 when there is none, 65 when it is no file, too large or cannot be read.
    static func evidence(_ path: String, limit: Int) throws(Failure) -> [UInt8] {
        do throws(FileFailure) { return try readRegular(path, limit: limit) } catch {
            throw Failure(error.isMissing ? .notFound : .data, error.message)
        }
    }
}

extension Invocation {
    /// A number that cannot be read must not count as none.
    func count(_ option: String) throws(Failure) -> UInt64? {
        guard let text = self[option] else { return nil }
        guard let number = UInt64(text), text == String(number) else {
            throw Failure(.usage, "`--\(option) \(text)` is no count of records")
        }
        return number
    }
}
