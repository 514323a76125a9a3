import Glibc
package import InterlockCredentials
package import InterlockModel
package import InterlockSigning

/// `signed.tree`: the tree that a signer signed last, in two slots that are written in turn. The signature of a write that
/// was broken off never left, and the other slot is right; damage to a complete write refuses every start
/// (`TreeSlot`).
///
/// INVARIANT: a signature leaves only after its tree is durable here. Kept by `KeyHolderTests`, `test_signer.py`.
package final class TreeFile {
    package static let name = "signed.tree"
    private static let draftEnd = ".part"

    private let file: Int32
    private let path: String
    /// The slot that was written last: 0 or 1.
    private var newest: Int
    /// The number of that write.
    private var number: UInt64
    /// True if a slot was damaged and was written again.
    package let wasDamaged: Bool

    private init(_ file: Int32, _ path: String, _ newest: TreeSlot.Newest) {
        self.file = file
        self.path = path
        self.newest = newest.slot
        number = newest.number
        wasDamaged = newest.isOtherDamaged
    }

    deinit { close(file) }

    /// Opens the file of a folder, whose lock the caller has.
    ///
    /// - Parameter keys: the keys that may have signed the tree.
    /// - Returns: the newest tree.
    /// - Throws: `missing`, `malformed` if the newest tree is not known, `io`.
    package static func open(
        in folder: String, keys: [PublicKey]
    ) throws(KeyFailure) -> (file: TreeFile, tree: SignedTree) {
        let path = "\(folder)/\(name)"
        let file = unsafe Glibc.open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else {
            throw KeyFailure(
                .missing, "`\(path)` cannot be opened, and without it a fork could be signed",
                help: "interlock signer move makes it, from the log")
        }
        guard let (newest, slot, tree) = newest(in: file, keys) else {
            close(file)
            throw KeyFailure(
                .malformed,
                "`\(path)` is damaged: the newest tree that this folder's key signed is not known",
                help: "take the key back, and move it again from the log: interlock signer return")
        }
        let opened = TreeFile(file, path, newest)
        try opened.settle(slot)
        return (opened, tree)
    }

    /// Returns the newest tree of a folder, or nil if there is no file. Changes nothing.
    ///
    /// - Throws: `malformed` if the newest tree is not known.
    private static func found(
        in folder: String, keys: [PublicKey]
    ) throws(KeyFailure) -> SignedTree? {
        let path = "\(folder)/\(name)"
        let file = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else {
            guard errno == ENOENT else { throw KeyFailure(.io, "cannot open `\(path)`") }
            return nil
        }
        defer { close(file) }
        guard let (_, _, tree) = newest(in: file, keys) else {
            throw KeyFailure(
                .malformed, "`\(path)` exists, and is no tree that the log's key signed",
                help: "remove it if no signer uses this folder")
        }
        return tree
    }

    /// - Returns: nil if the newest tree is not known.
    private static func newest(
        in file: Int32, _ keys: [PublicKey]
    ) -> (TreeSlot.Newest, TreeSlot, SignedTree)? {
        let slots = [0, 1].map { TreeSlot(read(file, at: $0 * TreeSlot.byteCount)) }
        let trees = slots.map {
            SignedTree(
                slot: $0, keys: keys, verifier: OpenSSLVerifier(), hashing: OpenSSLHashing())
        }
        guard let newest = TreeSlot.newest(slots, hasTree: trees.map { $0 != nil }),
            let tree = trees[newest.slot]
        else { return nil }
        return (newest, slots[newest.slot], tree)
    }

    /// Makes what was read durable: a process that died in its flush may have left the tree in memory alone. A damaged
    /// slot gets the same tree under the number before it; a crash meanwhile leaves whole sectors of that number.
    private func settle(_ slot: TreeSlot) throws(KeyFailure) {
        var writes = [(newest, number)]
        if wasDamaged { writes.append((1 - newest, number - 1)) }
        let isDone = writes.allSatisfy { place, number in
            Self.write(slot.numbered(number), to: file, at: place * TreeSlot.byteCount)
        }
        guard isDone, fdatasync(file) == 0 else {
            throw KeyFailure(.io, "cannot flush `\(path)`")
        }
    }

    /// Writes the file of a folder, whose lock the caller has, with this tree in both slots; durable on return. If the
    /// process dies in between, the folder has no file, or the one before.
    ///
    /// - Parameter keys: the keys that may have signed a tree that the folder has.
    /// - Throws: `exists` if the folder's tree is not one that this one extends; `malformed`, `io`.
    package static func create(
        in folder: String, _ tree: SignedTree, note: [UInt8], keys: [PublicKey]
    ) throws(KeyFailure) {
        try check(folder, isExtendedBy: tree, keys: keys)
        guard let first = tree.slot(note, number: 1), let second = tree.slot(note, number: 2)
        else { throw KeyFailure(.malformed, "the log's checkpoint is too large") }
        let path = "\(folder)/\(name)"
        let draft = path + draftEnd
        let file = unsafe Glibc.open(
            draft, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw KeyFailure(.io, "cannot create `\(draft)`") }
        defer { close(file) }
        guard write(first + second, to: file, at: 0), fsync(file) == 0,
            unsafe rename(draft, path) == 0
        else { throw KeyFailure(.io, "cannot write `\(path)`") }
        try flush(folder)
    }

    /// Checks that a folder's signer signed nothing that the tree does not have, so far as sizes say.
    ///
    /// - Throws: `exists` if it did, `malformed`, `io`.
    package static func check(
        _ folder: String, isExtendedBy tree: SignedTree, keys: [PublicKey]
    ) throws(KeyFailure) {
        guard let found = try found(in: folder, keys: keys) else { return }
        guard found.origin == tree.origin,
            found.size < tree.size || found.head == tree.head
        else {
            throw KeyFailure(
                .exists,
                "the signer of `\(folder)` has signed \(found.size) records, which are not those of the log",
                help: "restore the newer log")
        }
    }

    /// Removes the file of a folder whose lock the caller has; durable on return.
    package static func remove(in folder: String) throws(KeyFailure) {
        for path in ["\(folder)/\(name)", "\(folder)/\(name)\(draftEnd)"] {
            guard unsafe unlink(path) == 0 || errno == ENOENT else {
                throw KeyFailure(.io, "cannot remove `\(path)`")
            }
        }
        try flush(folder)
    }

    /// Stores a tree; durable on return.
    ///
    /// - Throws: `io`; what is durable is then unknown, so the process must end.
    package func store(_ tree: SignedTree, note: [UInt8]) throws(KeyFailure) {
        let next = 1 - newest
        guard let slot = tree.slot(note, number: number + 1),
            Self.write(slot, to: file, at: next * TreeSlot.byteCount), fdatasync(file) == 0
        else { throw KeyFailure(.io, "cannot write `\(path)`") }
        newest = next
        number += 1
    }

    private static func flush(_ folder: String) throws(KeyFailure) {
        let file = unsafe Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { throw KeyFailure(.io, "cannot open `\(folder)`") }
        defer { close(file) }
        guard fsync(file) == 0 else { throw KeyFailure(.io, "cannot flush `\(folder)`") }
    }

    private static func read(_ file: Int32, at offset: Int) -> [UInt8] {
        var slot = [UInt8](repeating: 0, count: TreeSlot.byteCount)
        let got = unsafe slot.withUnsafeMutableBytes { buffer in
            unsafe pread(file, buffer.baseAddress, buffer.count, offset)
        }
        return got == slot.count ? slot : []
    }

    private static func write(_ bytes: [UInt8], to file: Int32, at offset: Int) -> Bool {
        let written = unsafe bytes.withUnsafeBytes { buffer in
            unsafe pwrite(file, buffer.baseAddress, buffer.count, offset)
        }
        return written == bytes.count
    }
}
