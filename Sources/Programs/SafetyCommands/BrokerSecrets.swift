import CLinux
import Glibc
import InterlockCommandLine
import InterlockCredentials
package import InterlockDeployment
import InterlockModel
package import InterlockSafety

/// The values in a deployment's folder of secrets, registered for a search. They are read once and kept as keyed hashes
/// alone; the key is of this process.
package struct BrokerSecrets {
    package let values: BrokeredValues
    /// Changes if a file of the folder does; made of its name, state and times, not of its content.
    package let revision: [UInt8]
    /// The names of secrets that are too short to be recognised.
    let unregistered: [String]

    private static let mostFiles = BrokeredValues.mostValues

    /// - Parameters:
    ///   - deployment: nil for no values of files.
    ///   - further: values of other sources, with their names. They are no part of `revision`.
    package init(
        of deployment: Deployment?, and further: [(name: String, value: [UInt8])] = []
    ) throws(ScanFailure) {
        var generator = SystemRandomNumberGenerator()
        var values = BrokeredValues(key: (generator.next(), generator.next()))
        var revision: [UInt8] = []
        var unregistered = further.filter { !values.add($0.value) }.map(\.name)
        let names: [String]
        do throws(FileFailure) {
            names =
                try deployment.map { deployment throws(FileFailure) in
                    try File.names(in: deployment.secrets)
                } ?? []
        } catch {
            // A missing folder means that there are no secrets in files.
            guard error.isMissing else { throw ScanFailure(.values, error.message) }
            (self.values, self.revision, self.unregistered) = (values, [], unregistered)
            return
        }
        guard names.count <= Self.mostFiles else {
            throw ScanFailure(.values, "the folder of secrets has too many files")
        }
        let folder = deployment?.secrets ?? ""
        for name in names {
            var status = stat()
            guard unsafe lstat(folder + "/" + name, &status) == 0 else {
                throw ScanFailure(.values, "the secret `\(name)` cannot be read")
            }
            guard status.st_mode & S_IFMT == S_IFREG else { continue }
            var bytes = try Self.content(of: folder + "/" + name)
            revision += Array(name.utf8) + [0]
            for number in [
                UInt64(status.st_dev), UInt64(status.st_ino), UInt64(status.st_size),
                UInt64(bitPattern: Int64(status.st_mtim.tv_sec)),
                UInt64(bitPattern: Int64(status.st_mtim.tv_nsec)),
                UInt64(bitPattern: Int64(status.st_ctim.tv_sec)),
                UInt64(bitPattern: Int64(status.st_ctim.tv_nsec)),
            ] {
                for shift in stride(from: 56, through: 0, by: -8) {
                    revision.append(UInt8(truncatingIfNeeded: number >> UInt64(shift)))
                }
            }
            if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
            if !values.add(bytes) { unregistered.append(name) }
        }
        (self.values, self.revision, self.unregistered) = (values, revision, unregistered)
    }

    private static func content(of path: String) throws(ScanFailure) -> [UInt8] {
        do throws(FileFailure) {
            return try File.readRegular(path, limit: SecretProvider.largest, followsLink: false)
        } catch { throw ScanFailure(.values, error.message) }
    }
}
