import Glibc
import InterlockCredentials
import InterlockLedger
import InterlockModel
import InterlockSignerCommands
import InterlockStore

/// A log whose key another process holds, as `interlock signer` does.
enum SignedLog {
    /// Creates a log, and the folder of its signer.
    static func create(_ bench: BenchLog, signer folder: String) throws {
        let found = FoundTree()
        var configuration = bench.configuration
        configuration.follower = found
        try WriteAheadLog.create(bench.configuration, bench.tools)
        try WriteAheadLog.open(configuration, bench.tools).close()
        guard let (tree, note) = found.tree(origin: BenchLog.origin),
            unsafe mkdir(folder, 0o700) == 0, write(BenchLog.seed, to: folder + "/log.key"),
            let key = PublicKey(bytes: bench.tools.signer.publicKey)
        else { throw Misuse.key }
        try TreeFile.create(in: folder, tree, note: note, keys: [key])
    }

    /// Signs for this user until the process is ended.
    static func serve(_ folder: String, socket path: String) throws {
        let holder = try KeyHolder(folder: folder)
        try SignerSocket(path: path, user: geteuid()).serve(holder)
    }

    private static func write(_ bytes: [UInt8], to path: String) -> Bool {
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o400)
        guard file >= 0 else { return false }
        defer { close(file) }
        return unsafe bytes.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
            == bytes.count
    }
}
