import InterlockCommandLine
package import InterlockPorts
import InterlockStore

/// The files in one folder of a deployment, which is made with the first one. Read and written on a thread that ends with
/// the work.
package struct StatementFolder: Sendable {
    private let path: String
    private let thread: String
    private let largest: Int

    /// - Parameters:
    ///   - thread: its name.
    ///   - largest: the most bytes of a file that is read.
    package init(path: String, thread: String, largest: Int) {
        self.path = path
        self.thread = thread
        self.largest = largest
    }

    /// Returns when the file is durable.
    package func write(_ bytes: [UInt8], as name: String) async throws(StoreFailure) {
        let (path, file) = (path, path + "/" + name)
        try await onThread { () throws(StoreFailure) in
            do throws(FileFailure) {
                try File.makeFolder(path, mode: 0o700)
                try File.write(bytes, to: file)
                try File.syncFolder(of: file)
                try File.syncFolder(of: path)
            } catch { throw StoreFailure(reason: error.message) }
        }
    }

    /// - Returns: nil if there is no such file.
    package func read(_ name: String) async throws(StoreFailure) -> [UInt8]? {
        let (file, largest) = (path + "/" + name, largest)
        return try await onThread { () throws(StoreFailure) -> [UInt8]? in
            guard File.exists(file) else { return nil }
            do throws(FileFailure) {
                return try File.readRegular(file, limit: largest, followsLink: false)
            } catch { throw StoreFailure(reason: error.message) }
        }
    }

    /// The names of the files, in any order.
    package func names() async throws(StoreFailure) -> [String] {
        let path = path
        return try await onThread { () throws(StoreFailure) -> [String] in
            guard File.exists(path) else { return [] }
            do throws(FileFailure) { return try File.names(in: path) } catch {
                throw StoreFailure(reason: error.message)
            }
        }
    }

    private func onThread<Value: Sendable>(
        _ work: @escaping @Sendable () throws(StoreFailure) -> Value
    ) async throws(StoreFailure) -> Value {
        let jobs = JobThread(thread, limit: 1)
        defer { jobs.close() }
        return try await jobs.answer(busy: "the folder is read already", work)
    }
}
