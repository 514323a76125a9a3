import InterlockModel

/// The key with which the makers of a build sign the results of its tests: a raw seed of 32 bytes in a file that its owner
/// alone can read. No deployment has it.
package enum ReleaseKey {
    /// - Throws: `missing`, `exposed`, `malformed`, `io`.
    package static func open(_ path: String) throws(KeyFailure) -> Ed25519PrivateKey {
        try SeedFile.open(path)
    }
}
