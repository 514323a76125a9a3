import InterlockCommandLine
import InterlockPorts

/// The workspaces to which runs with untrusted content wrote, in a file of the state folder.
struct TaintedWorkspaceStore: TaintedWorkspaceFile {
    let path: String

    private static let limitBytes = 16 << 20

    func read() throws(StoreFailure) -> [UInt8]? {
        do throws(FileFailure) { return try File.read(path, limit: Self.limitBytes) } catch {
            if error.isMissing { return nil }
            throw StoreFailure(reason: error.message)
        }
    }

    func write(_ bytes: [UInt8]) throws(StoreFailure) {
        do throws(FileFailure) {
            try File.write(bytes, to: path)
            try File.syncFolder(of: path)
        } catch { throw StoreFailure(reason: error.message) }
    }
}
