package import InterlockCommandLine
import InterlockCredentials
import InterlockEvals
import InterlockModel
package import InterlockPolicy
package import InterlockTrust
import InterlockYAML

/// The criteria of a deployment: `trust/criteria.yaml` in the folder of its policy's folder, or the defaults.
package struct CriteriaFile: Sendable {
    /// The path as shown in messages.
    package let path: String
    /// The defaults if there is no file.
    package let criteria: TrustCriteria
    /// False without a file: no agent rises then.
    package let exists: Bool

    /// The largest file, in bytes.
    private static let mostBytes = 1 << 20

    /// The path below the folder that holds the policy's folder.
    package static let name = "trust/criteria.yaml"

    /// - Throws: exit 65 if the file cannot be read or has an error; the findings are the message.
    package init(beside policy: String) throws(Failure) {
        path = Self.path(beside: policy)
        guard File.exists(path) else {
            criteria = .standard
            exists = false
            return
        }
        let file = path
        let reading = try Self.read(file)
        guard let read = reading.criteria else {
            throw Failure(
                .data,
                "`\(TerminalEscaping.shown(file))` is refused\n"
                    + reading.findings.map(\.text).joined(separator: "\n"))
        }
        criteria = read
        exists = true
    }

    /// The criteria that a gateway goes by; nil if it has none.
    package init(inForce criteria: TrustCriteria?) {
        path = Self.name
        self.criteria = criteria ?? .standard
        exists = criteria != nil
    }

    /// Returns the errors of the file next to a policy, or the numbers that admit more than the defaults (W243); empty
    /// without a file.
    ///
    /// - Throws: exit 65 if the file cannot be read.
    package static func findings(beside policy: String) throws(Failure) -> [Finding] {
        let path = Self.path(beside: policy)
        guard File.exists(path) else { return [] }
        let reading = try read(path)
        let loosened = reading.criteria?.loosened(from: .standard) ?? []
        return reading.findings
            + loosened.map {
                Finding(
                    .loosenedCriteria, at: PolicyLocation(file: path, line: 1, column: 1),
                    path: $0.key,
                    "the criteria admit more than the defaults: \($0.text)")
            }
    }

    private static func path(beside policy: String) -> String {
        String(LockFile.path(beside: policy).dropLast(PolicyLock.fileName.utf8.count)) + name
    }

    private static func read(_ path: String) throws(Failure) -> TrustCriteriaReading {
        let bytes = try FileFailure.exits(
            .data, try File.readRegular(path, limit: mostBytes, followsLink: false))
        return reading(bytes, at: path)
    }

    /// - Parameter path: the name of the file in findings.
    package static func reading(_ bytes: [UInt8], at path: String) -> TrustCriteriaReading {
        TrustCriteriaReading(SuiteReader.parsed(SuiteReader.File(path: path, bytes: bytes)))
    }

    /// The digest of the criteria, `sha256:` and 64 digits; nil if it cannot be made.
    package var digest: String? { criteria.digest(hashing: OpenSSLHashing())?.prefixed }
}
