import InterlockCommandLine
import InterlockCredentials
package import InterlockEvidencePack
package import InterlockModel

/// The signed results of the tests of a release, which are shipped with the program.
package struct ReleaseFile: Sendable {
    /// The envelope, as it was signed.
    package let bytes: [UInt8]
    package let results: ReleaseResults

    /// The path from the folder above that of the program.
    private static let path = "share/interlock/release-tests.json"

    /// Reads the file of this installation.
    ///
    /// - Parameter build: SHA-256 of the running program.
    /// - Returns: the reason as a failure if there are no signed results of this build.
    package static func read(for build: Digest) -> Result<ReleaseFile, EvidenceProblem> {
        guard let file = installed, File.exists(file) else {
            return .failure(EvidenceProblem("No signed results of tests came with this program."))
        }
        guard let bytes = try? File.readRegular(file, limit: 2 * ReleaseResults.payloadLimit),
            let envelope = try? Envelope(
                parsing: bytes, payloadLimit: ReleaseResults.payloadLimit),
            envelope.payloadType == .testResults, envelope.isSigned(by: OpenSSLVerifier()),
            let results = try? ReleaseResults(payload: envelope.payload)
        else {
            return .failure(
                EvidenceProblem("The results of tests that came with this program are not signed."))
        }
        guard results.build == build else {
            return .failure(EvidenceProblem("The results of tests are of another build."))
        }
        return .success(ReleaseFile(bytes: bytes, results: results))
    }

    private static var installed: String? {
        guard let program = File.realPath("/proc/self/exe"),
            let folder = program.lastIndex(of: "/").map({ program[..<$0] }),
            let parent = folder.lastIndex(of: "/").map({ folder[..<$0] })
        else { return nil }
        return "\(parent)/\(path)"
    }
}
