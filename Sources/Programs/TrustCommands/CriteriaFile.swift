package import InterlockCommandLine
import InterlockCredentials
import InterlockEvals
import InterlockModel
import InterlockPolicy
import InterlockPolicyCommands
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

    /// - Throws: exit 65 if the file cannot be read or has an error; the findings are the message.
    package init(beside policy: String) throws(Failure) {
        let folder = LockFile.path(beside: policy).dropLast(PolicyLock.fileName.utf8.count)
        path = String(folder) + "trust/criteria.yaml"
        guard File.exists(path) else {
            criteria = .standard
            exists = false
            return
        }
        let file = path
        let bytes = try FileFailure.exits(
            .data, try File.readRegular(file, limit: Self.mostBytes, followsLink: false))
        let reading = TrustCriteriaReading(
            SuiteReader.parsed(SuiteReader.File(path: file, bytes: bytes)))
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
        path = "trust/criteria.yaml"
        self.criteria = criteria ?? .standard
        exists = criteria != nil
    }

    /// The digest of the criteria, `sha256:` and 64 digits; nil if it cannot be made.
    package var digest: String? { criteria.digest(hashing: OpenSSLHashing())?.prefixed }
}
