import InterlockCommandLine
import InterlockCredentials
package import InterlockModel
package import InterlockSafety

/// The values in a deployment's folder of secrets, and its canaries where they are given, registered for a search. They are
/// kept as keyed hashes alone; the key is of this process.
package struct BrokerSecrets {
    package let values: BrokeredValues
    /// Changes if a file of the folder does; made of its name, state and times, not of its content.
    package let revision: [UInt8]
    /// The names of secrets that are too short to be recognised.
    let unregistered: [String]

    /// - Parameters:
    ///   - folder: the folder of secrets; nil for no values of files. A missing folder means that there are none.
    ///   - further: values of other sources, with their names. They are no part of `revision`.
    ///   - now: a time before the call.
    package init(
        in folder: String?, and further: [(name: String, value: [UInt8])] = [], at now: Timestamp
    ) throws(ScanFailure) {
        guard let folder else {
            try self.init(of: nil, and: further)
            return
        }
        try self.init(of: try SecretFolderSnapshot(of: folder, at: now), and: further)
    }

    /// Reads the values only if they may have changed: otherwise the call costs one listing of the folder.
    ///
    /// - Parameters:
    ///   - planted: the canaries.
    ///   - known: the revision of the values that the caller has; nil for none.
    ///   - now: a time before the call.
    /// - Returns: nil if the values are still those of `known`.
    /// - Throws: if the folder or a changed file cannot be read: what the caller has may then be out of date.
    package static func changed(
        in folder: String, and planted: PlantedValues = .none, since known: [UInt8]?,
        at now: Timestamp
    ) throws(ScanFailure) -> BrokerSecrets? {
        let snapshot = try SecretFolderSnapshot(of: folder, at: now)
        guard planted.revision + snapshot.revision != known else { return nil }
        return try BrokerSecrets(of: snapshot, and: [], planted)
    }

    /// The snapshot is older than the values, so that a change in between gives another revision in the next snapshot.
    private init(
        of snapshot: SecretFolderSnapshot?, and further: [(name: String, value: [UInt8])],
        _ planted: PlantedValues = .none
    ) throws(ScanFailure) {
        var values = BrokeredValues(key: Self.key)
        for canary in planted.values where !values.add(canary) {
            throw ScanFailure(.values, "the canary `\(canary.name)` cannot be registered")
        }
        var unregistered = further.filter { !values.add($0.value) }.map(\.name)
        if let snapshot {
            for name in snapshot.names {
                var bytes = try Self.content(of: snapshot.folder + "/" + name)
                if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
                if !values.add(bytes) { unregistered.append(name) }
            }
        }
        (self.values, self.revision) = (values, planted.revision + (snapshot?.revision ?? []))
        self.unregistered = unregistered
    }

    /// One key for all reads: runs remember parts of values by their hashes, also while the folder changes.
    private static let key: (UInt64, UInt64) = {
        var generator = SystemRandomNumberGenerator()
        return (generator.next(), generator.next())
    }()

    private static func content(of path: String) throws(ScanFailure) -> [UInt8] {
        do throws(FileFailure) {
            return try File.readRegular(path, limit: SecretProvider.largest, followsLink: false)
        } catch { throw ScanFailure(.values, error.message) }
    }
}
