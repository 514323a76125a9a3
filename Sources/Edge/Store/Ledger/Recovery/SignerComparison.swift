import InterlockLedger
import InterlockModel

/// The comparison of a log that was read back with the tree that its signer signed last.
struct SignerComparison {
    private let configuration: LedgerConfiguration
    private let tools: LedgerTools
    private let remote: any LogSigner
    let status: LogSignerStatus

    /// - Returns: nil if this process holds the keys.
    /// - Throws: `io` if the signer does not answer, `configuration` if it is of another log or key.
    init?(_ configuration: LedgerConfiguration, _ tools: LedgerTools) throws(LedgerFailure) {
        guard let remote = tools.remote else { return nil }
        self.configuration = configuration
        self.tools = tools
        self.remote = remote
        do throws(LogSigningFailure) { status = try remote.status() } catch {
            throw LedgerFailure(.io, "the log's signer does not answer: \(error.reason)")
        }
        guard status.head.origin == configuration.origin else {
            throw LedgerFailure(.configuration, "the signer signs the log `\(status.head.origin)`")
        }
        guard tools.keys(of: configuration.origin).first?.publicKey == status.key.bytes else {
            throw LedgerFailure(
                .configuration, "the signer holds another key than this deployment names")
        }
        if status.wasTreeDamaged {
            configuration.warn("a slot of the signer's tree was damaged when the signer started")
        }
    }

    /// Writes the frame that the signer has signed and the log does not have, if there is one. Durable on return.
    ///
    /// - Parameter range: the tree of the log that was read back.
    /// - Returns: true if the log must be read again.
    /// - Throws: `rolledBack` if no frame leads from the log to the signer's tree.
    func complete(_ range: CompactRange, _ segments: [Segment]) throws -> Bool {
        let tree = TreeHash(tools.hashing)
        let (own, signed) = (range.size, status.head.size)
        guard own != signed else {
            guard range.root(tree) == status.head.root else {
                throw LedgerFailure(
                    .rolledBack, "the signer has signed another log of \(signed) records")
            }
            return false
        }
        guard own < signed else {
            throw LedgerFailure(
                .rolledBack,
                "the log has \(own) records, but its signer remembers \(signed): its folder is an older copy"
            )
        }
        guard let unsigned = try UnsignedFrameFile.read(configuration),
            unsigned.frame.header.first == own, unsigned.frame.header.end == signed,
            let segment = segments.first(where: { $0.name == unsigned.segment }),
            let note = try self.note(of: unsigned, after: range, tree)
        else {
            throw LedgerFailure(
                .rolledBack, "the log ends at \(own), but its signer has signed \(signed) records")
        }
        guard unsigned.offset % Frame.alignment == 0,
            let bytes = unsigned.signed(
                note, room: segment.capacity - unsigned.offset, checksum: CRC32C.fastest)
        else {
            throw LedgerFailure(.damaged, "the frame for the signer has no place in the log")
        }
        try segment.file.write(bytes, at: unsigned.offset)
        try segment.file.flush()
        return true
    }

    /// - Returns: nil if the frame's records do not lead to the signer's tree.
    private func note(
        of unsigned: UnsignedFrame, after range: CompactRange, _ tree: TreeHash
    ) throws(LedgerFailure) -> [UInt8]? {
        let hashes = unsigned.frame.records.map { tree.leaf($0) }
        var next = range
        for hash in hashes { next.append(hash, tree) }
        guard next.root(tree) == status.head.root,
            let signer = HeadSigner(tools, origin: configuration.origin)
        else { return nil }
        do throws(LogSigningFailure) {
            return try signer.sign(
                TreeGrowth(
                    origin: configuration.origin, from: range.size, leafHashes: hashes,
                    root: status.head.root))
        } catch { throw LedgerFailure(.io, error.reason) }
    }
}
