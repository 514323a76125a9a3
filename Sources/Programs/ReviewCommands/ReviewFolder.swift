import InterlockCommandLine
import InterlockModel
package import InterlockPorts
import InterlockReview
import InterlockReviews
import InterlockStore

/// The files of reviews in one folder, which is made with the first one. Read and written on a thread that ends with the
/// work.
package struct ReviewFolder: ReviewFiles {
    private let path: String

    package init(path: String) { self.path = path }

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

    package func read(_ name: String) async throws(StoreFailure) -> [UInt8]? {
        let file = path + "/" + name
        return try await onThread { () throws(StoreFailure) -> [UInt8]? in
            guard File.exists(file) else { return nil }
            do throws(FileFailure) {
                return try File.readRegular(file, limit: ReviewSample.largest, followsLink: false)
            } catch { throw StoreFailure(reason: error.message) }
        }
    }

    private func onThread<Value: Sendable>(
        _ work: @escaping @Sendable () throws(StoreFailure) -> Value
    ) async throws(StoreFailure) -> Value {
        let jobs = JobThread("reviews", limit: 1)
        defer { jobs.close() }
        return try await jobs.answer(busy: "the folder is read already", work)
    }
}
