/// Files with certificates or a private key in PEM.
package enum PEMFile {
    private static let largest = 1 << 20

    /// - Parameter isSecret: if true, no other user may read the file; otherwise no other user may change it.
    /// - Throws: `missing`, `exposed`, `malformed`, `io`.
    package static func read(_ path: String, isSecret: Bool) throws(KeyFailure) -> [UInt8] {
        try GuardedFile.read(path, limit: largest, rules: isSecret ? .secret : .trusted)
    }
}
