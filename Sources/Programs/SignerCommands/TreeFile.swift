import CLinux
import Glibc
package import InterlockCredentials
package import InterlockModel
package import InterlockSigning

/// `signed.tree`: the tree that a signer signed last, in two slots that are written in turn. A torn write damages the one
/// slot, and then the signature of that tree never left: the other slot is right.
///
/// INVARIANT: a signature leaves only after its tree is durable here. Kept by `KeyHolderTests`, `test_signer.py`.
package final class TreeFile {
    package static let name = "signed.tree"
    private static let lockName = "signer.lock"

    private let file: Int32
    private let lock: Int32
    private let path: String
    /// The slot that is written next: 0 or 1.
    private var next: Int

    private init(file: Int32, lock: Int32, path: String, next: Int) {
        self.file = file
        self.lock = lock
        self.path = path
        self.next = next
    }

    deinit {
        close(file)
        close(lock)
    }

    /// Opens the file of a folder and takes the folder's lock, so that one process signs with its keys.
    ///
    /// - Parameter keys: the keys that may have signed the tree.
    /// - Returns: the newest whole tree.
    /// - Throws: `missing`, `malformed` without a whole slot, `exists` if another process has the lock, `io`.
    package static func open(
        in folder: String, keys: [PublicKey]
    ) throws(KeyFailure) -> (file: TreeFile, tree: SignedTree) {
        let path = "\(folder)/\(name)"
        let lock = try locked(folder)
        let file = unsafe Glibc.open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else {
            close(lock)
            throw KeyFailure(
                .missing, "`\(path)` cannot be opened, and without it a fork could be signed",
                help: "interlock signer move makes it, from the log")
        }
        let trees = [0, 1].map { slot in
            SignedTree(
                slot: read(file, at: slot * SignedTree.slotBytes), keys: keys,
                verifier: OpenSSLVerifier(), hashing: OpenSSLHashing())
        }
        let newest =
            switch (trees[0], trees[1]) {
            case (let first?, let second?): first.size >= second.size ? 0 : 1
            case (.some, nil): 0
            case (nil, .some): 1
            case (nil, nil): 2
            }
        guard newest < 2, let tree = trees[newest] else {
            close(file)
            close(lock)
            throw KeyFailure(
                .malformed, "`\(path)` has no whole tree that this folder's key signed",
                help: "restore the folder as a whole, or move the key again from the log")
        }
        // A process that died in its flush may have left the tree in memory alone: written again, and flushed.
        let place = newest * SignedTree.slotBytes
        guard write(read(file, at: place), to: file, at: place), fdatasync(file) == 0 else {
            close(file)
            close(lock)
            throw KeyFailure(.io, "cannot flush `\(path)`")
        }
        return (TreeFile(file: file, lock: lock, path: path, next: 1 - newest), tree)
    }

    /// Writes the file of a folder with this tree in both slots; durable on return.
    package static func create(
        in folder: String, _ tree: SignedTree, note: [UInt8]
    ) throws(KeyFailure) {
        guard let slot = tree.slot(note) else {
            throw KeyFailure(.malformed, "the log's checkpoint is too large")
        }
        let path = "\(folder)/\(name)"
        let lock = try locked(folder)
        defer { close(lock) }
        let file = unsafe Glibc.open(
            path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw KeyFailure(.io, "cannot create `\(path)`") }
        defer { close(file) }
        guard write(slot + slot, to: file, at: 0), fsync(file) == 0 else {
            throw KeyFailure(.io, "cannot write `\(path)`")
        }
        let parent = unsafe Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard parent >= 0 else { throw KeyFailure(.io, "cannot open `\(folder)`") }
        defer { close(parent) }
        guard fsync(parent) == 0 else { throw KeyFailure(.io, "cannot flush `\(folder)`") }
    }

    /// Stores a tree; durable on return.
    ///
    /// - Throws: `io`; what is durable is then unknown, so the process must end.
    package func store(_ tree: SignedTree, note: [UInt8]) throws(KeyFailure) {
        guard let slot = tree.slot(note),
            Self.write(slot, to: file, at: next * SignedTree.slotBytes), fdatasync(file) == 0
        else { throw KeyFailure(.io, "cannot write `\(path)`") }
        next = 1 - next
    }

    private static func locked(_ folder: String) throws(KeyFailure) -> Int32 {
        let path = "\(folder)/\(lockName)"
        let lock = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard lock >= 0 else { throw KeyFailure(.io, "cannot open `\(path)`") }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            throw KeyFailure(.exists, "another signer uses `\(folder)`")
        }
        return lock
    }

    private static func read(_ file: Int32, at offset: Int) -> [UInt8] {
        var slot = [UInt8](repeating: 0, count: SignedTree.slotBytes)
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
